import type { ColibriErrorReason, ColibriResponse } from '@conclave/protocols/colibri';
import { describe, expect, test } from 'vitest';
import { ConferenceHarness } from './conference-harness.ts';
import { camera, microphone } from './sample-sources.ts';
import type { ScriptedClient } from './scripted-client.ts';

function call(): { harness: ConferenceHarness; a: ScriptedClient; b: ScriptedClient } {
  const harness = new ConferenceHarness();
  const a = harness.join('aaaa1111');
  const b = harness.join('bbbb2222');
  a.accept([microphone('aaaa1111', 1), camera('aaaa1111', 100)]);
  b.accept([microphone('bbbb2222', 2)]);
  return { harness, a, b };
}

function error(reason: ColibriErrorReason): ColibriResponse {
  return { type: 'error', reason, text: 'scripted' };
}

const notices = (harness: ConferenceHarness) =>
  harness.focusPresences.at(-1)?.child('bridgeNotAvailable') !== undefined;

describe('the bridge fails', () => {
  test('sessions end as moving; when it is back everybody is invited anew, within the same turn', () => {
    const { harness, a, b } = call();
    harness.core.handleBridgeFailed('jvb');
    harness.settle();
    for (const client of [a, b]) {
      expect(client.of('session-terminate')).toMatchObject([
        { reason: { condition: 'success', text: 'moving' } },
      ]);
      expect(client.of('session-initiate')).toHaveLength(1);
      expect(client.of('source-remove')).toEqual([]);
    }
    const meetingId = harness.bridge.requests[0]?.meetingId;
    const count = harness.bridge.requests.length;
    harness.core.handleBridgeRestored('jvb');
    harness.settle();
    const [create] = harness.bridge.requests.slice(count);
    expect(create?.create).toBe(true);
    expect(create?.meetingId).not.toBe(meetingId);
    expect(a.of('session-initiate')).toHaveLength(2);
    expect(a.accept([microphone('aaaa1111', 1), camera('aaaa1111', 100)]).type).toBe('result');
    expect(b.accept([microphone('bbbb2222', 2)]).type).toBe('result');
    expect(a.knownNames).toEqual(['bbbb2222-a0']);
    expect(b.knownNames).toEqual(['aaaa1111-a0', 'aaaa1111-v0']);
    expect(notices(harness)).toBe(false);
  });

  test('after twenty seconds without a bridge clients are told, and again when there is one', () => {
    const { harness } = call();
    harness.core.handleBridgeFailed('jvb');
    harness.time.advance(19_999);
    expect(notices(harness)).toBe(false);
    harness.time.advance(1);
    expect(notices(harness)).toBe(true);
    harness.core.handleBridgeRestored('jvb');
    expect(notices(harness)).toBe(false);
  });

  test('who joins without a bridge is invited when it comes', () => {
    const harness = new ConferenceHarness();
    harness.core.handleBridgeFailed('jvb');
    const a = harness.join('aaaa1111');
    harness.join('bbbb2222');
    expect(harness.bridge.requests).toEqual([]);
    harness.core.handleBridgeRestored('jvb');
    harness.settle();
    expect(a.of('session-initiate')).toHaveLength(1);
  });

  test('an answer that comes after the failure is ignored', () => {
    const harness = new ConferenceHarness();
    const a = harness.join('aaaa1111');
    harness.joinSilently('bbbb2222');
    harness.time.advance(0);
    harness.core.handleBridgeFailed('jvb');
    harness.settle();
    expect(a.received).toEqual([]);
    harness.core.handleBridgeRestored('jvb');
    harness.settle();
    expect(a.of('session-initiate')).toHaveLength(1);
  });
});

describe('the bridge refuses', () => {
  test.each([
    'timeout',
    'bridge_failed',
    'graceful_shutdown',
    'conference_already_exists',
  ] as const)('an allocation with %s: it is tried again with growing waits', (reason) => {
    const harness = new ConferenceHarness();
    harness.bridge.override = () => error(reason);
    const a = harness.join('aaaa1111');
    harness.join('bbbb2222');
    const creates = () => harness.bridge.requests.filter(({ create }) => create === true).length;
    expect(creates()).toBe(1);
    harness.time.advance(1_000);
    harness.settle();
    expect(creates()).toBe(2);
    harness.time.advance(1_000);
    harness.settle();
    expect(creates()).toBe(2);
    harness.bridge.override = undefined;
    harness.time.advance(1_000);
    harness.settle();
    expect(a.of('session-initiate')).toHaveLength(1);
  });

  test('an allocation with bad_request: it is tried again after ten seconds, whatever happens', () => {
    const harness = new ConferenceHarness();
    harness.bridge.override = () => error('bad_request');
    const a = harness.join('aaaa1111');
    harness.join('bbbb2222');
    const count = harness.bridge.requests.length;
    for (let i = 0; i < 10; i++) harness.announce(a);
    harness.time.advance(9_999);
    harness.settle();
    expect(harness.bridge.requests).toHaveLength(count);
    harness.bridge.override = undefined;
    harness.time.advance(1);
    harness.settle();
    expect(a.of('session-initiate')).toHaveLength(1);
  });

  test('while an allocation waits for its retry, presences do not start another', () => {
    const harness = new ConferenceHarness();
    harness.bridge.override = () => error('timeout');
    const a = harness.join('aaaa1111');
    harness.join('bbbb2222');
    const count = harness.bridge.requests.length;
    for (let i = 0; i < 10; i++) harness.announce(a);
    harness.settle();
    expect(harness.bridge.requests).toHaveLength(count);
  });

  test('a change with conference_not_found: everybody moves', () => {
    const { harness, a, b } = call();
    harness.bridge.override = (message) =>
      message.endpoints?.[0]?.create === true ? undefined : error('conference_not_found');
    a.addSources([camera('aaaa1111', 200, 'aaaa1111-v1')]);
    harness.bridge.override = undefined;
    harness.settle();
    for (const client of [a, b]) {
      expect(client.of('session-terminate')).toMatchObject([{ reason: { text: 'moving' } }]);
      expect(client.of('session-initiate')).toHaveLength(2);
    }
  });

  test('a bridge that loses the conference each time makes no loop', () => {
    const { harness, a } = call();
    harness.bridge.override = (message) =>
      message.endpoints?.[0]?.create === true ? undefined : error('conference_not_found');
    for (let i = 0; i < 20; i++) a.accept();
    expect(a.of('session-initiate').length).toBeLessThan(8);
  });

  test('a change with unknown_endpoint: that participant is invited anew', () => {
    const { harness, a, b } = call();
    harness.bridge.override = (message) =>
      message.endpoints?.[0]?.sources === undefined ? undefined : error('unknown_endpoint');
    a.addSources([camera('aaaa1111', 200, 'aaaa1111-v1')]);
    harness.bridge.override = undefined;
    harness.settle();
    expect(a.of('session-initiate')).toHaveLength(2);
    expect(b.of('session-initiate')).toHaveLength(1);
    expect(b.knownNames).toEqual([]);
  });

  test('news of an expired endpoint: that participant is invited anew, but not for ever', () => {
    const { harness, a } = call();
    const expire = () => {
      const meetingId = harness.bridge.requests[0]?.meetingId ?? '';
      const event = { meetingId, endpointId: 'aaaa1111', reason: 'ICE' } as const;
      harness.core.handleBridgeEvent({ type: 'endpointExpired', ...event });
      harness.settle();
    };
    expire();
    expect(a.of('session-terminate')).toMatchObject([{ reason: { text: 'moving' } }]);
    expect(a.of('session-initiate')).toHaveLength(2);
    for (let i = 0; i < 20; i++) expire();
    expect(a.of('session-initiate').length).toBeLessThan(6);
    const count = a.of('session-initiate').length;
    harness.time.advance(10_000);
    harness.settle();
    expect(a.of('session-initiate')).toHaveLength(count + 1);
  });

  test('news about another meeting are ignored', () => {
    const { harness, a } = call();
    const event = { meetingId: 'another', endpointId: 'aaaa1111', reason: 'x' } as const;
    harness.core.handleBridgeEvent({ type: 'endpointExpired', ...event });
    harness.core.handleBridgeEvent({ type: 'conferenceFailed', meetingId: 'another', reason: 'x' });
    harness.settle();
    expect(a.of('session-terminate')).toEqual([]);
  });

  test('news that the conference failed: everybody moves', () => {
    const { harness, a } = call();
    const meetingId = harness.bridge.requests[0]?.meetingId ?? '';
    harness.core.handleBridgeEvent({ type: 'conferenceFailed', meetingId, reason: 'crash' });
    harness.settle();
    expect(a.of('session-initiate')).toHaveLength(2);
  });
});
