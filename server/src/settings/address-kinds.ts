/** The kinds of settings that are names, addresses and URLs of something on the network. */
import { BlockList, isIP } from 'node:net';
import { type Common, list, MAX_TEXT, type Setting, setting } from './setting.ts';

const DOMAIN =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** A DNS-like name, lower case afterwards. `default` may name another setting: `muc.XMPP_DOMAIN`. */
export function domain(options: Common & { default: string }): Setting<string> {
  return setting(options, 'domain name', options.default, (text) => {
    const value = text.toLowerCase();
    return DOMAIN.test(value)
      ? { value }
      : { expected: 'a domain name: letters, digits, "-" and ".", such as meet.example.com' };
  });
}

export function ipAddress(options: Common & { default: string }): Setting<string> {
  return setting(options, 'IP address', options.default, (text) =>
    isIP(text) === 0
      ? { expected: 'an IPv4 or IPv6 address, such as 192.0.2.1, 0.0.0.0 (all) or ::' }
      : { value: text },
  );
}

export interface AddressAndPort {
  readonly address: string;
  /** Undefined: the port of JVB_PORT. */
  readonly port: number | undefined;
}

/** docker-jitsi-meet's form: `192.0.2.1,198.51.100.7#10001`. */
export function addressList(options: Common): Setting<readonly AddressAndPort[]> {
  const each = 'IP addresses, each with "#port" if it differs from JVB_PORT';
  return list(options, 'IP addresses with optional "#port", comma-separated', each, (text) => {
    const [address = '', portText, ...more] = text.split('#');
    if (isIP(address) === 0 || more.length > 0) return undefined;
    if (portText === undefined) return { address, port: undefined };
    const port = /^\d{1,5}$/.test(portText) ? Number(portText) : 0;
    return port >= 1 && port <= 65535 ? { address, port } : undefined;
  });
}

/** `host:port`, as STUN servers are written in docker-jitsi-meet. */
export function hostPortList(options: Common): Setting<readonly string[]> {
  return list(options, 'host:port, comma-separated', 'host:port', (text) => {
    const [, host = '', portText = ''] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
    const ok =
      DOMAIN.test(host.toLowerCase()) && Number(portText) >= 1 && Number(portText) <= 65535;
    return ok ? text.toLowerCase() : undefined;
  });
}

/** Host names or IP addresses. */
export function hostList(options: Common): Setting<readonly string[]> {
  return list(options, 'host names, comma-separated', 'host names or IP addresses', (text) => {
    const host = text.toLowerCase();
    return DOMAIN.test(host) || isIP(host) !== 0 ? host : undefined;
  });
}

/** IP addresses and ranges of them (`192.0.2.0/24`). */
export function rangeList(options: Common & { default?: string }): Setting<BlockList> {
  const kind = 'IP addresses and ranges (192.0.2.0/24), comma-separated';
  return setting(options, kind, options.default ?? '', (text) => {
    const ranges = new BlockList();
    for (const part of text.split(',').map((each) => each.trim())) {
      if (part === '') continue;
      const [, address = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(part) ?? [];
      const version = isIP(address);
      const bits = version === 6 ? 128 : 32;
      const prefix = length === undefined ? bits : Number(length);
      if (version === 0 || prefix > bits) return { expected: kind };
      ranges.addSubnet(address, prefix, version === 6 ? 'ipv6' : 'ipv4');
    }
    return { value: ranges };
  });
}

/** An `https:` or `http:` URL of a host, without path; undefined when not set. */
export function origin(options: Common): Setting<URL | undefined> {
  const expected =
    'a URL with scheme and host and nothing after it, such as https://meet.example.com or https://meet.example.com:8443';
  return setting(options, 'URL', '', (text) => {
    if (text === '') return { value: undefined };
    // docker-jitsi-meet accepts a bare host name, so people have that in their files.
    const full = /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`;
    const url = URL.canParse(full) ? new URL(full) : undefined;
    const isPlain =
      url !== undefined &&
      (url.protocol === 'https:' || url.protocol === 'http:') &&
      url.pathname === '/' &&
      url.search === '' &&
      url.hash === '' &&
      url.username === '' &&
      url.password === '';
    return isPlain ? { value: url } : { expected };
  });
}

/** An `https:` or `http:` URL of a document or folder; undefined when not set. */
export function url(options: Common): Setting<URL | undefined> {
  const expected = 'a complete URL without user name, such as https://keys.example.com/asap';
  return setting(options, 'URL', '', (text) => {
    if (text === '') return { value: undefined };
    const value = httpUrl(text);
    return value === undefined ? { expected } : { value };
  });
}

/** Complete `https:` or `http:` URLs. */
export function urlList(options: Common): Setting<readonly URL[]> {
  const each = 'complete URLs without user name and password';
  return list(options, 'URLs, comma-separated', each, httpUrl);
}

/** Undefined also with a user name or password: nobody who asks there would send them. */
function httpUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isGood =
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    url.username === '' &&
    url.password === '';
  return isGood ? url : undefined;
}

/** Servers of a directory, in the order in which they are asked; as saslauthd separates them. */
export function ldapUrlList(options: Common): Setting<readonly string[]> {
  const each = 'ldap:// or ldaps:// URLs with a host name and perhaps a port, nothing after it';
  const separator = { pattern: /[\s,]+/, word: 'spaces' };
  const read = (text: string) => {
    const [, scheme = '', host = '', port = ''] =
      /^(ldaps?):\/\/([^/:@?#[\]]+)(:\d{1,5})?\/?$/i.exec(text) ?? [];
    const isHost = DOMAIN.test(host.toLowerCase()) || isIP(host) === 4;
    return isHost ? `${scheme.toLowerCase()}://${host.toLowerCase()}${port}` : undefined;
  };
  return list(options, 'ldap:// or ldaps:// URLs, separated by spaces', each, read, separator);
}

/** Names in a directory (RFC 4514), which hold commas themselves. */
export function dnList(options: Common): Setting<readonly string[]> {
  const each = 'DNs such as cn=teachers,ou=groups,dc=example,dc=com';
  const separator = { pattern: /;/, word: 'semicolons' };
  const read = (text: string) =>
    /^[\w.-]+=/.test(text) && text.length <= MAX_TEXT ? text : undefined;
  return list(options, 'DNs, separated by semicolons', each, read, separator);
}
