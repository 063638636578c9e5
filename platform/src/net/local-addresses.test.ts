import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import { selectLocalAddresses } from './local-addresses.ts';

function info(address: string, internal = false): NetworkInterfaceInfo {
  const base = { address, internal, netmask: '', mac: '', cidr: null };
  return address.includes(':')
    ? { ...base, family: 'IPv6', scopeid: 0 }
    : { ...base, family: 'IPv4' };
}

const select = (infos: NetworkInterfaceInfo[], ipv6 = true) =>
  selectLocalAddresses({ any: infos }, { ipv6 }).map((a) => a.address);

describe('selectLocalAddresses', () => {
  test('leaves out loopback and link-local when there is more, IPv4 first', () => {
    expect(
      select([
        info('::1', true),
        info('127.0.0.1', true),
        info('2001:db8::5'),
        info('fe80::1'),
        info('169.254.3.4'),
        info('192.0.2.7'),
      ]),
    ).toEqual(['192.0.2.7', '2001:db8::5']);
  });

  test('gives loopback when the machine has nothing else', () => {
    expect(select([info('127.0.0.1', true), info('fe80::1')])).toEqual(['127.0.0.1']);
  });

  test.each(['fe80::1', 'FE90::1', 'febf::1'])('%s is link-local', (address) => {
    expect(select([info(address)])).toEqual([]);
  });

  test('fec0:: is not link-local', () => {
    expect(select([info('fec0::1')])).toEqual(['fec0::1']);
  });

  test('leaves out IPv6 when it is off', () => {
    expect(select([info('2001:db8::5'), info('192.0.2.7')], false)).toEqual(['192.0.2.7']);
  });

  test('gives at most 16', () => {
    expect(select(Array.from({ length: 17 }, (_, i) => info(`192.0.2.${i}`)))).toHaveLength(16);
  });
});
