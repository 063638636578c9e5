/** The Host header (RFC 9110 §7.2): what the client called us, checked before it is repeated anywhere. */

const NAME = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const HOST = new RegExp(`^(?:${NAME}(?:\\.${NAME})*\\.?|\\[[0-9a-f:.]{2,45}\\])(?::[0-9]{1,5})?$`);
const MAX_LENGTH = 260;

/** `meet.example.com:8443` in lower case, or undefined when the header is missing or not a host. */
export function readHost(header: string | undefined): string | undefined {
  if (header === undefined || header.length > MAX_LENGTH) return undefined;
  const host = header.toLowerCase();
  return HOST.test(host) && URL.canParse(`https://${host}/`) ? host : undefined;
}

/** The host without its port. */
export function withoutPort(host: string): string {
  return host.replace(/:[0-9]+$/, '');
}
