/** The base of every refusal or failure that has a meaning; see docs/errors.md for all codes. */

export class ConclaveError extends Error {
  /** Stable, `AREA_REASON`. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}
