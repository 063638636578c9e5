/** What a client needs to know about a running server. */
export interface ServerAddress {
  readonly httpsPort: number;
  /** PEM, of the self-signed certificate. */
  readonly certificate: string;
}
