import { expect, test } from 'vitest';
import {
  ErrorCode,
  parseStunMessage,
  STUN_BINDING,
  STUN_ERRORS,
  StunWriter,
  XorMappedAddress,
} from '../stun/index.ts';
import { addressFromText, addressToText } from './address.ts';
import { AddressDiscovery, type DiscoveryRequest } from './address-discovery.ts';

function counting() {
  let next = 0;
  return { bytes: (length: number) => Uint8Array.from({ length }, () => next++ & 0xff) };
}

function record(ip: string, port: number): Uint8Array {
  const address = addressFromText(ip, port);
  if (address === undefined) throw new Error(`not an address: ${ip}`);
  return address;
}

function answer(request: DiscoveryRequest, ip: [number, number, number, number], port: number) {
  const message = parseStunMessage(request.packet);
  if (message === undefined) throw new Error('not STUN');
  return new StunWriter('success', STUN_BINDING, message.transactionId)
    .add(XorMappedAddress, { family: 4, port, bytes: Uint8Array.from(ip) })
    .finish();
}

function only(requests: readonly DiscoveryRequest[]): DiscoveryRequest {
  const [request] = requests;
  if (request === undefined || requests.length !== 1)
    throw new Error(`${requests.length} requests`);
  return request;
}

const SERVER = record('198.51.100.1', 3478);

test('learns the mapped address and asks again before a NAT forgets it', () => {
  const discovery = new AddressDiscovery(counting());
  expect(discovery.nextTimeoutMs).toBeUndefined();
  discovery.setServers([SERVER], 1000);
  expect(discovery.nextTimeoutMs).toBe(1000);
  const request = only(discovery.handleTimeout(1000));
  expect(addressToText(request.address)).toBe('198.51.100.1:3478');
  expect(discovery.handleResponse(answer(request, [203, 0, 113, 5], 10_000), SERVER, 1040)).toBe(
    true,
  );
  expect(discovery.addresses.map(addressToText)).toEqual(['203.0.113.5:10000']);
  expect(discovery.handleTimeout(26_039)).toEqual([]);
  const again = only(discovery.handleTimeout(26_040));
  discovery.handleResponse(answer(again, [203, 0, 113, 6], 10_001), SERVER, 26_060);
  expect(discovery.addresses.map(addressToText)).toEqual(['203.0.113.6:10001']);
});

test('a silent server is asked seven times with growing waits, then reported; what it said before stays', () => {
  const discovery = new AddressDiscovery(counting());
  discovery.setServers([SERVER], 0);
  discovery.handleResponse(
    answer(only(discovery.handleTimeout(0)), [203, 0, 113, 5], 10_000),
    SERVER,
    10,
  );
  const times: number[] = [];
  let nowMs = 25_010;
  while (discovery.silentServers.length === 0) {
    if (discovery.handleTimeout(nowMs).length > 0) times.push(nowMs - 25_010);
    nowMs = discovery.nextTimeoutMs ?? Number.NaN;
  }
  expect(times).toEqual([0, 500, 1500, 3500, 7500, 15_500, 31_500]);
  expect(discovery.addresses.map(addressToText)).toEqual(['203.0.113.5:10000']);
});

test('believes nobody but the server that was asked, and only the answer to the open request', () => {
  const discovery = new AddressDiscovery(counting());
  discovery.setServers([SERVER], 0);
  const request = only(discovery.handleTimeout(0));
  const forged = answer(request, [192, 0, 2, 66], 1);
  expect(discovery.handleResponse(forged, record('198.51.100.2', 3478), 1)).toBe(false);
  expect(discovery.handleResponse(forged, record('198.51.100.1', 3479), 1)).toBe(false);
  expect(discovery.handleResponse(request.packet, SERVER, 1)).toBe(false);
  expect(discovery.handleResponse(new Uint8Array(3), SERVER, 1)).toBe(false);
  const other = { ...request, packet: request.packet.slice() };
  other.packet[19] = (other.packet[19] ?? 0) ^ 1;
  expect(discovery.handleResponse(answer(other, [192, 0, 2, 66], 1), SERVER, 1)).toBe(false);
  expect(discovery.addresses).toEqual([]);
  const genuine = answer(request, [203, 0, 113, 5], 10_000);
  expect(discovery.handleResponse(genuine, SERVER, 2)).toBe(true);
  expect(discovery.handleResponse(genuine, SERVER, 3)).toBe(false); // nothing is open any more
});

test('an error or an unusable address is no mapping', () => {
  const discovery = new AddressDiscovery(counting());
  discovery.setServers([SERVER], 0);
  const request = only(discovery.handleTimeout(0));
  const { transactionId } = parseStunMessage(request.packet)!;
  const refusal = new StunWriter('error', STUN_BINDING, transactionId)
    .add(ErrorCode, STUN_ERRORS.unauthenticated)
    .finish();
  expect(discovery.handleResponse(refusal, SERVER, 1)).toBe(true);
  expect(discovery.silentServers).toHaveLength(1);
  const second = only(discovery.handleTimeout(25_001));
  discovery.handleResponse(answer(second, [0, 0, 0, 0], 10_000), SERVER, 25_002);
  expect(discovery.addresses).toEqual([]);
});

test('takes each address once, ignores unusable servers and keeps known ones when the list changes', () => {
  const discovery = new AddressDiscovery(counting());
  const second = record('198.51.100.9', 3478);
  discovery.setServers([SERVER, second, record('0.0.0.0', 3478), record('192.0.2.1', 0)], 0);
  const requests = discovery.handleTimeout(0);
  expect(requests).toHaveLength(2);
  for (const request of requests) {
    discovery.handleResponse(answer(request, [203, 0, 113, 5], 10_000), request.address, 5);
  }
  expect(discovery.addresses).toHaveLength(1);
  discovery.setServers([second], 10);
  expect(discovery.addresses).toHaveLength(1);
  expect(discovery.handleTimeout(10)).toEqual([]);
  discovery.setServers([], 20);
  expect(discovery.addresses).toEqual([]);
});
