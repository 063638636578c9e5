/** Which addresses and Host headers mean this machine only. */

const LOOPBACK_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/** A page in a browser on this machine may point a name of its own at a loopback address. */
export function isLoopbackHost(host: string | undefined): boolean {
  return LOOPBACK_HOST.test(host ?? '');
}
