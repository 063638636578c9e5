import { describe, expect, test } from 'vitest';
import { TestBridge } from './test-bridge.ts';

const MEETING = 'meeting-1';

describe('the debug state', () => {
  const bridge = new TestBridge();
  bridge.join('ada').want({ defaultConstraints: { maxHeight: 180 } });
  bridge.join('ben').sendAudio();
  const ask = (query: { meetingId?: string; endpointId?: string; isFull: boolean }) =>
    bridge.core.debugState(query, bridge.nowMs + 500);

  test('lists conferences and who is in them', () => {
    expect(ask({ isFull: false })).toMatchObject({
      conferences: { [MEETING]: { meetingId: MEETING, ageMs: 500, endpoints: ['ada', 'ben'] } },
    });
  });

  test('tells all of an endpoint, and the same in full of its conference', () => {
    const ada = ask({ meetingId: MEETING, endpointId: 'ada', isFull: true });
    expect(ada).toMatchObject({
      isConnected: true,
      transport: { isDtlsConnected: true },
      channel: 'open',
      heard: ['ben-a0'],
    });
    expect(ask({ meetingId: MEETING, isFull: true })).toMatchObject({ endpoints: { ada } });
    expect(JSON.stringify(ada)).toContain('"received":[{"source":');
  });

  test('is plain data without a password', () => {
    const text = JSON.stringify(ask({ isFull: true }));
    expect(structuredClone(ask({ isFull: true }))).toEqual(ask({ isFull: true }));
    expect(text).not.toMatch(/password|pwd|ufrag|secret/i);
  });

  test('of what is not there is undefined', () => {
    expect(ask({ meetingId: 'none', isFull: true })).toBeUndefined();
    expect(ask({ meetingId: MEETING, endpointId: '__proto__', isFull: true })).toBeUndefined();
  });
});
