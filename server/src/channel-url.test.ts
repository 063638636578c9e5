import { expect, test } from 'vitest';
import { channelBaseUrl, channelUrl } from './channel-url.ts';

const ORIGIN = 'wss://192.0.2.1:8443';

test('each client gets the address that it used itself', () => {
  const url = `${channelBaseUrl(undefined)}jvb/m/e?pwd=x`;
  expect(channelUrl(url, ORIGIN)).toBe('wss://192.0.2.1:8443/colibri-ws/jvb/m/e?pwd=x');
});

test.each([
  ['https://meet.example.com', 'wss://meet.example.com/colibri-ws/'],
  ['http://localhost:8000', 'ws://localhost:8000/colibri-ws/'],
])('PUBLIC_URL %s decides for everyone', (publicUrl, baseUrl) => {
  expect(channelBaseUrl(new URL(publicUrl))).toBe(baseUrl);
  expect(channelUrl(baseUrl, ORIGIN)).toBe(baseUrl);
});
