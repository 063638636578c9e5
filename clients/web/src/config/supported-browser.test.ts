import { expect, test } from 'vitest';
import { type BrowserGlobals, isSupportedBrowser } from './supported-browser.ts';

const has = () => {};
const all = { RTCPeerConnection: has, URL: { canParse: has }, Intl: { Segmenter: has } };

test.each<[string, BrowserGlobals, boolean]>([
  ['a current browser', all, true],
  ['one whose owner has switched calls off', { ...all, RTCPeerConnection: undefined }, false],
  ['Safari 16', { ...all, URL: {} }, false],
  ['Firefox 115', { ...all, Intl: {} }, false],
  ['nothing known', {}, false],
])('%s', (_, globals, expected) => {
  expect(isSupportedBrowser(globals)).toBe(expected);
});
