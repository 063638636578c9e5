import { describe, expect, test } from 'vitest';
import type { FocusOptions } from '../options.ts';
import { ConferenceHarness } from './conference-harness.ts';
import { camera, microphone } from './sample-sources.ts';
import type { ScriptedClient } from './scripted-client.ts';

function call(options: Partial<FocusOptions> = {}): {
  harness: ConferenceHarness;
  a: ScriptedClient;
  b: ScriptedClient;
  c: ScriptedClient;
} {
  const harness = new ConferenceHarness(options);
  const a = harness.join('aaaa1111');
  const b = harness.join('bbbb2222');
  const c = harness.join('cccc3333');
  a.accept([microphone('aaaa1111', 1), camera('aaaa1111', 100)]);
  b.accept([microphone('bbbb2222', 2)]);
  c.accept([microphone('cccc3333', 3)]);
  return { harness, a, b, c };
}

function restart(client: ScriptedClient, id = client.offer.bridgeSession?.id ?? '') {
  return client.send({
    action: 'session-terminate',
    reason: { condition: 'connectivity-error', text: 'ICE FAILED' },
    bridgeSession: { id, restart: true },
  });
}

function restartIce(client: ScriptedClient, id = client.offer.bridgeSession?.id ?? '') {
  return client.send({ action: 'session-info', bridgeSession: { id, iceRestart: true } });
}

function credentialsOf(client: ScriptedClient) {
  return { ufrag: `client-${client.nick}`, password: 'client-password-0123456789' };
}

describe('leaving', () => {
  test('expires the endpoint; the others hear it from the room only', () => {
    const { harness, a, b, c } = call();
    const before = [b.received.length, c.received.length];
    harness.leave(a);
    expect(harness.bridge.about('aaaa1111').at(-1)).toEqual({ id: 'aaaa1111', expire: true });
    expect([b.received.length, c.received.length]).toEqual(before);
    const d = harness.join('dddd4444');
    expect(d.knownNames).toEqual(['bbbb2222-a0', 'cccc3333-a0']);
  });

  test('whoever comes back under the same nick may use the same SSRCs', () => {
    const { harness, a, b } = call();
    harness.leave(a);
    const again = harness.join('aaaa1111');
    expect(again.accept([microphone('aaaa1111', 1)]).type).toBe('result');
    expect(b.of('source-add').at(-1)?.jsonSources?.[0]?.sources[0]?.ssrc).toBe(1);
  });

  test('one who leaves while its endpoint is being created gets no offer', () => {
    const harness = new ConferenceHarness();
    harness.join('aaaa1111');
    const b = harness.joinSilently('bbbb2222');
    harness.time.advance(0);
    expect(harness.bridge.requests).toHaveLength(1);
    harness.leave(b);
    expect(b.received).toEqual([]);
    expect(harness.bridge.about('bbbb2222').at(-1)).toEqual({ id: 'bbbb2222', expire: true });
  });

  test('the last one’s leaving ends the conference, and the focus leaves', () => {
    const { harness, a, b, c } = call();
    for (const client of [a, b, c]) harness.leave(client);
    harness.time.advance(15_000);
    expect(harness.isFocusInRoom).toBe(false);
    expect(harness.core.stats()).toEqual({ conferences: 0, participants: 0 });
    expect(harness.bridge.requests.at(-1)?.expire).toBe(true);
    expect(harness.time.timerCount).toBe(0);
  });

  test('a lone participant keeps its session for twenty seconds', () => {
    const { harness, a, b, c } = call();
    harness.leave(b);
    harness.leave(c);
    harness.time.advance(19_999);
    expect(a.of('session-terminate')).toEqual([]);
    harness.time.advance(1);
    expect(a.of('session-terminate')).toMatchObject([
      { sid: a.offer.sid, reason: { condition: 'expired', text: 'Idle session timeout' } },
    ]);
    expect(harness.bridge.requests.at(-1)?.expire).toBe(true);
    const d = harness.join('dddd4444');
    expect(a.of('session-initiate')).toHaveLength(2);
    expect(d.of('session-initiate')).toHaveLength(1);
    expect(a.accept([microphone('aaaa1111', 1)]).type).toBe('result');
  });

  test('somebody who comes within the twenty seconds finds the session as it was', () => {
    const { harness, a, b, c } = call();
    harness.leave(b);
    harness.leave(c);
    harness.time.advance(19_000);
    harness.join('dddd4444');
    harness.time.advance(60_000);
    expect(a.of('session-terminate')).toEqual([]);
    expect(a.of('session-initiate')).toHaveLength(1);
  });
});

describe('a client restarts its session', () => {
  test('others lose and regain its sources; there is a new session and endpoint', () => {
    const { harness, a, b } = call();
    const first = a.offer;
    expect(restart(a).type).toBe('result');
    expect(b.of('source-remove').at(-1)?.jsonSources).toMatchObject([
      { owner: 'aaaa1111', sources: [{ ssrc: 1 }, { ssrc: 100 }, { ssrc: 110 }] },
    ]);
    expect(a.of('session-terminate')).toEqual([]);
    expect(a.offer.sid).not.toBe(first.sid);
    expect(a.offer.bridgeSession?.id).not.toBe(first.bridgeSession?.id);
    expect(a.knownNames).toEqual(['bbbb2222-a0', 'cccc3333-a0']);
    const about = harness.bridge.about('aaaa1111').slice(-2);
    expect(about).toMatchObject([{ expire: true }, { create: true }]);
    a.accept([microphone('aaaa1111', 1), camera('aaaa1111', 100)]);
    expect(b.knownNames).toEqual(['aaaa1111-a0', 'aaaa1111-v0', 'cccc3333-a0']);
  });

  test('all at once, as when end-to-end encryption is turned on and off', () => {
    const { a, b, c } = call();
    for (let round = 0; round < 2; round++) {
      for (const client of [a, b, c]) expect(restart(client).type).toBe('result');
      a.accept([microphone('aaaa1111', 1)]);
      b.accept([microphone('bbbb2222', 2)]);
      c.accept([microphone('cccc3333', 3)]);
    }
    expect(a.knownNames).toEqual(['bbbb2222-a0', 'cccc3333-a0']);
  });

  test('too often is resource-constraint, until time has passed', () => {
    const { harness, a } = call({ restartLimit: { burst: 2, intervalMs: 5_000 } });
    expect(restart(a).type).toBe('result');
    expect(restart(a).type).toBe('result');
    expect(restart(a).condition).toBe('resource-constraint');
    harness.time.advance(5_000);
    expect(restart(a).type).toBe('result');
  });

  test('with a stale bridge session is item-not-found', () => {
    const { a } = call();
    expect(restart(a, 'another').condition).toBe('item-not-found');
  });

  test('in place: new credentials of both sides pass through, the session stays', () => {
    const { harness, a, b } = call();
    const before = b.received.length;
    expect(restartIce(a).type).toBe('result');
    harness.time.advance(0);
    expect(harness.bridge.about('aaaa1111').at(-1)).toEqual({ id: 'aaaa1111', iceRestart: true });
    const [info] = a.of('transport-info');
    expect(info).toMatchObject({
      sid: a.offer.sid,
      contents: [{ name: 'audio', transport: { ufrag: 'uaaaa1111', iceGeneration: 1 } }],
    });
    const credentials = { ufrag: 'new1', password: 'new-password-0123456789', fingerprints: [] };
    const transport = { ...credentials, candidates: [], iceGeneration: 1 };
    const contents = ['audio', 'video'].map((name) => ({
      name,
      creator: 'responder' as const,
      transport,
    }));
    expect(a.send({ action: 'transport-info', contents }).type).toBe('result');
    expect(harness.bridge.about('aaaa1111').at(-1)).toEqual({ id: 'aaaa1111', transport });
    expect(a.of('session-initiate')).toHaveLength(1);
    expect(b.received).toHaveLength(before);
  });

  test('in place: refused for another bridge session and when it is asked too often', () => {
    const { a } = call({ restartLimit: { burst: 1, intervalMs: 5_000 } });
    expect(restartIce(a, 'x').condition).toBe('item-not-found');
    expect(restartIce(a).type).toBe('result');
    expect(restartIce(a).condition).toBe('resource-constraint');
  });

  test('in place: a bridge that knows the endpoint no more means a new session', () => {
    const { harness, a } = call();
    harness.bridge.override = ({ endpoints }) =>
      endpoints?.[0]?.iceRestart === true
        ? { type: 'error', reason: 'unknown_endpoint', text: '' }
        : undefined;
    restartIce(a);
    harness.time.advance(0);
    expect(a.of('transport-info')).toEqual([]);
    expect(a.of('session-initiate')).toHaveLength(2);
  });

  test('transport-info without a round is trickled candidates, which the bridge does not need', () => {
    const { harness, a } = call();
    const before = harness.bridge.requests.length;
    const transport = { ...credentialsOf(a), candidates: [], fingerprints: [] };
    const contents = [{ name: 'audio', creator: 'responder' as const, transport }];
    expect(a.send({ action: 'transport-info', contents }).type).toBe('result');
    expect(harness.bridge.requests).toHaveLength(before);
  });

  test('the old "ICE failed" information ends the session and makes a new one', () => {
    const { a } = call();
    const { sid, bridgeSession } = a.offer;
    const reply = a.send({
      action: 'session-info',
      iceState: 'failed',
      ...(bridgeSession && { bridgeSession: { id: bridgeSession.id } }),
    });
    expect(reply.type).toBe('result');
    expect(a.of('session-terminate')).toMatchObject([{ sid }]);
    expect(a.of('session-initiate')).toHaveLength(2);
  });

  test('ending without restart ends it', () => {
    const { harness, a, b } = call();
    const reply = a.send({ action: 'session-terminate', reason: { condition: 'success' } });
    expect(reply.type).toBe('result');
    expect(b.knownNames).toEqual(['cccc3333-a0']);
    expect(harness.bridge.endpoints.has('aaaa1111')).toBe(false);
    // Nor does a presence of somebody bring another offer.
    for (const client of [a, b]) harness.announce(client);
    harness.settle();
    expect(a.of('session-initiate')).toHaveLength(1);
  });
});

describe('requests at the wrong time', () => {
  test('answers by what is known of the session', () => {
    const { a } = call();
    const old = a.offer.sid;
    expect(a.accept().condition).toBe('unexpected-request');
    restart(a);
    const send = (action: Parameters<typeof a.send>[0]['action'], sid: string) =>
      a.send({ action, sid }).condition;
    expect(send('session-accept', old)).toBe('gone');
    expect(send('source-add', old)).toBe('item-not-found');
    expect(send('session-accept', 'never')).toBe('bad-request');
    expect(send('source-add', 'never')).toBe('bad-request');
    expect(send('session-initiate', 'never')).toBe('not-allowed');
    expect(a.send({ action: 'session-terminate', sid: old }).type).toBe('result');
    expect(send('content-modify', a.offer.sid)).toBe('feature-not-implemented');
    expect(send('transport-info', a.offer.sid)).toBeUndefined();
    expect(send('session-accept', a.offer.sid)).toBe('bad-request'); // no transport
  });

  test('a refused offer ends the session with general-error and is not repeated', () => {
    const harness = new ConferenceHarness();
    harness.join('aaaa1111');
    const b = harness.joinSilently('bbbb2222');
    b.refusesOffers = true;
    harness.settle();
    expect(b.of('session-terminate')).toMatchObject([
      { reason: { condition: 'general-error', text: 'jingle session failed' } },
    ]);
    expect(harness.bridge.endpoints.has('bbbb2222')).toBe(false);
    harness.announce(b);
    harness.settle();
    expect(b.of('session-initiate')).toHaveLength(1);
  });
});
