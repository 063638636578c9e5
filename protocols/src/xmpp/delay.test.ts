import fc from 'fast-check';
import { expect, test } from 'vitest';
import { delayToXml, utcTimestamp } from './delay.ts';

test.each([
  0,
  999,
  86_399_999,
  86_400_000,
  Date.UTC(2000, 1, 28, 23, 59, 59, 999),
  Date.UTC(2000, 1, 29),
  Date.UTC(2100, 1, 28),
  Date.UTC(2100, 2, 1),
  Date.UTC(2024, 11, 31, 23, 59, 59, 999),
  Date.UTC(9999, 11, 31, 23, 59, 59, 999),
])('%i ms is the date that the platform says', (wallMs) => {
  expect(utcTimestamp(wallMs)).toBe(new Date(wallMs).toISOString());
});

test('every time from 1970 to 9999', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }), (wallMs) => {
      expect(utcTimestamp(wallMs)).toBe(new Date(wallMs).toISOString());
    }),
    { numRuns: 2_000 },
  );
});

test('the element (XEP-0203)', () => {
  expect(delayToXml('daily@muc', 0.7).toString()).toBe(
    '<delay xmlns="urn:xmpp:delay" from="daily@muc" stamp="1970-01-01T00:00:00.000Z"/>',
  );
});
