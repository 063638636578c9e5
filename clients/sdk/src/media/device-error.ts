/** Why a camera or microphone could not be opened, in terms a person can act on (Media Capture §10.2). */

export type DeviceErrorReason =
  /** The person or the browser's settings said no. */
  | 'denied'
  /** No such device is attached. */
  | 'missing'
  /** It was there, and is gone: unplugged, or taken away. */
  | 'lost'
  /** Another program has it, or the hardware failed. */
  | 'busy'
  /** The page did not come over HTTPS, so the browser offers no devices. */
  | 'insecure'
  | 'unknown';

export function deviceErrorReason(error: unknown): DeviceErrorReason {
  const name = error instanceof Error ? error.name : '';
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'unknown';
  }
}
