import type { RandomSource } from '@conclave/base';
import { describe, expect, test } from 'vitest';
import { createChannelOrigin } from './channel-origin.ts';

const random: RandomSource = { bytes: (length) => new Uint8Array(length).fill(0xab) };
const address = {
  httpOrigin: 'https://192.0.2.1:8443',
  webSocketOrigin: 'wss://192.0.2.1:8443',
};

function rewritten(publicUrl: URL | undefined, make: (baseUrl: string) => string): string {
  const origin = createChannelOrigin(publicUrl, random);
  let out = '';
  origin.rewrite((text) => {
    out = text;
  }, address)(make(origin.baseUrl));
  return out;
}

describe('createChannelOrigin', () => {
  test('gives each client the address that it used itself', () => {
    expect(
      rewritten(undefined, (base) => `<web-socket url="${base}jvb/m/e?pwd=x"/><p>${base}</p>`),
    ).toBe(
      '<web-socket url="wss://192.0.2.1:8443/colibri-ws/jvb/m/e?pwd=x"/><p>wss://192.0.2.1:8443/colibri-ws/</p>',
    );
  });

  test('leaves other text alone', () => {
    expect(rewritten(undefined, () => '<a>wss://x.invalid</a>')).toBe('<a>wss://x.invalid</a>');
  });

  test.each([
    ['https://meet.example.com', 'wss://meet.example.com/colibri-ws/'],
    ['http://localhost:8000', 'ws://localhost:8000/colibri-ws/'],
  ])('PUBLIC_URL %s decides for everyone', (publicUrl, baseUrl) => {
    expect(rewritten(new URL(publicUrl), (base) => base)).toBe(baseUrl);
  });
});
