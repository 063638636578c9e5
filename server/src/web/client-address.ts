/** Where a client reaches this server: PUBLIC_URL, or else whatever the client itself used. */
import { readHost } from './request-host.ts';

export interface ClientAddress {
  /** `https://host:port`, without a slash at the end. */
  readonly httpOrigin: string;
  /** `wss://host:port`. */
  readonly webSocketOrigin: string;
}

/** Undefined when neither PUBLIC_URL nor a valid Host header says it. */
export function clientAddress(
  publicUrl: URL | undefined,
  hostHeader: string | undefined,
  isSecure: boolean,
): ClientAddress | undefined {
  const host = publicUrl?.host ?? readHost(hostHeader);
  if (host === undefined) return undefined;
  const secure = publicUrl === undefined ? isSecure : publicUrl.protocol === 'https:';
  return {
    httpOrigin: `${secure ? 'https' : 'http'}://${host}`,
    webSocketOrigin: `${secure ? 'wss' : 'ws'}://${host}`,
  };
}
