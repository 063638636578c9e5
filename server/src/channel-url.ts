/**
 * Where clients open their bridge channel. Without PUBLIC_URL nobody knows the server's name; what is
 * certain is the address that each client has used for its own XMPP stream. So the bridge says a path,
 * and the focus puts that client's address before it.
 */

const PATH = '/colibri-ws/';

/** For the bridge: with a host when PUBLIC_URL says it, else a path. */
export function channelBaseUrl(publicUrl: URL | undefined): string {
  if (publicUrl === undefined) return PATH;
  const scheme = publicUrl.protocol === 'https:' ? 'wss' : 'ws';
  return `${scheme}://${publicUrl.host}${PATH}`;
}

/** For a client that reaches us at `origin` (`wss://host:port`), given what the bridge says. */
export function channelUrl(url: string, origin: string | undefined): string {
  return url.startsWith('/') && origin !== undefined ? origin + url : url;
}
