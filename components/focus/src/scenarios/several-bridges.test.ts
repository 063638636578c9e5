/** A conference on two bridges, of which each takes two of its people. */
import type { ConferenceModify } from '@conclave/protocols/colibri';
import { describe, expect, test } from 'vitest';
import { DEFAULT_FOCUS_OPTIONS } from '../options.ts';
import { ConferenceHarness } from './conference-harness.ts';
import { camera, microphone } from './sample-sources.ts';
import type { ScriptedClient } from './scripted-client.ts';

function call(bridgeSelection: Partial<typeof DEFAULT_FOCUS_OPTIONS.bridgeSelection> = {}) {
  const harness = new ConferenceHarness({
    bridgeSelection: {
      ...DEFAULT_FOCUS_OPTIONS.bridgeSelection,
      maxEndpointsPerConference: 2,
      ...bridgeSelection,
    },
    loadRedistribution: { ...DEFAULT_FOCUS_OPTIONS.loadRedistribution, isEnabled: true },
  });
  harness.bridges = ['jvb', 'jvb-2'].map((id) => ({ id, isOperational: true, stress: 0 }));
  const clients = ['aaaa0000', 'bbbb1111', 'cccc2222', 'dddd3333'].map((id) =>
    harness.join(id),
  ) as [ScriptedClient, ScriptedClient, ScriptedClient, ScriptedClient];
  for (const [i, client] of clients.entries()) accept(harness, client, i);
  return { harness, clients };
}

/** With the same sources each time. */
function accept(harness: ConferenceHarness, client: ScriptedClient, number: number): void {
  client.accept([microphone(client.nick, number + 1), camera(client.nick, 100 * (number + 1))]);
  harness.settle();
}

const ofBridge = (harness: ConferenceHarness, bridgeId: string) =>
  harness.bridge.log.filter((entry) => entry.bridgeId === bridgeId);
const endpointsOn = (harness: ConferenceHarness, bridgeId: string) =>
  ofBridge(harness, bridgeId).flatMap(({ endpoints = [] }) =>
    endpoints.filter(({ create }) => create).map(({ id }) => id),
  );
const relaysOf = (messages: readonly ConferenceModify[]) =>
  messages.flatMap(({ relays = [] }) => relays);
const initiations = (clients: readonly ScriptedClient[]) =>
  clients.map((client) => client.of('session-initiate').length);

describe('a conference on two bridges', () => {
  test('fills one, then the other; each client gets the SSRCs and the address of its own bridge', () => {
    const { harness, clients } = call();
    expect(endpointsOn(harness, 'jvb')).toEqual(['aaaa0000', 'bbbb1111']);
    expect(endpointsOn(harness, 'jvb-2')).toEqual(['cccc2222', 'dddd3333']);
    expect(harness.focusProperties['bridge-count']).toBe('2');
    for (const client of clients) expect(client.knownNames).toHaveLength(6);
  });

  test('makes both ends of a relay, and tells each where the other is', () => {
    const { harness } = call();
    for (const [bridgeId, other, people] of [
      ['jvb', 'jvb-2', ['cccc2222', 'dddd3333']],
      ['jvb-2', 'jvb', ['aaaa0000', 'bbbb1111']],
    ] as const) {
      const relays = relaysOf(ofBridge(harness, bridgeId));
      expect(relays.every(({ id }) => id === other)).toBe(true);
      expect(relays.filter(({ create }) => create)).toHaveLength(1);
      expect(relays[0]?.media?.map(({ type }) => type)).toEqual(['audio', 'video']);
      const transports = relays.flatMap(({ transport }) => transport ?? []);
      expect(transports.map((transport) => transport.bridgeId)).toEqual([other]);
      const told = relays.flatMap(({ endpoints = [] }) => endpoints);
      for (const id of people) {
        expect(told.findLast((each) => each.id === id && each.sources)?.sources).toHaveLength(2);
      }
    }
  });

  test('tells the other bridge of changes, mutes and departures, and not its own', () => {
    const { harness, clients } = call();
    const [a] = clients;
    const before = ofBridge(harness, 'jvb').length;
    a.addSources([camera('aaaa0000', 900, 'aaaa0000-v1')]);
    harness.settle();
    const news = () => relaysOf(ofBridge(harness, 'jvb-2')).at(-1)?.endpoints;
    expect(news()).toMatchObject([{ id: 'aaaa0000', sources: [{}, {}, { name: 'aaaa0000-v1' }] }]);
    harness.leave(a);
    expect(news()).toEqual([{ id: 'aaaa0000', expire: true }]);
    expect(relaysOf(ofBridge(harness, 'jvb').slice(before))).toEqual([]);
  });

  test('the death of one moves its people to the other, and nobody else', () => {
    const { harness, clients } = call();
    const [, , c, d] = clients;
    harness.core.handleBridgeFailed('jvb');
    harness.settle();
    expect(initiations(clients)).toEqual([2, 2, 1, 1]);
    expect([c, d].map((client) => client.of('session-terminate'))).toEqual([[], []]);
    // They are told that the sources went.
    for (const client of [c, d]) expect(client.knownNames).toHaveLength(2);
    expect(relaysOf(ofBridge(harness, 'jvb-2')).at(-1)).toEqual({ id: 'jvb', expire: true });
    expect(endpointsOn(harness, 'jvb-2').slice(2)).toEqual(['aaaa0000', 'bbbb1111']);
    for (const [i, client] of clients.slice(0, 2).entries()) accept(harness, client, i);
    for (const client of clients) expect(client.knownNames).toHaveLength(6);
    // The dead one is told nothing, and takes part again when it is back and there is need.
    expect(ofBridge(harness, 'jvb').at(-1)?.expire).toBeUndefined();
    harness.core.handleBridgeRestored('jvb');
    harness.join('eeee4444');
    expect(endpointsOn(harness, 'jvb').at(-1)).toBe('eeee4444');
    expect(relaysOf(ofBridge(harness, 'jvb')).at(-1)).toMatchObject({ id: 'jvb-2' });
  });

  test('a bridge that kills the conference is not fed with it for ever', () => {
    const { harness, clients } = call();
    for (let i = 0; i < 20; i++) {
      const bridgeId = i % 2 === 0 ? 'jvb' : 'jvb-2';
      harness.core.handleBridgeFailed(bridgeId);
      harness.core.handleBridgeRestored(bridgeId);
      harness.settle();
    }
    expect(Math.max(...initiations(clients))).toBeLessThan(14);
  });

  test('when both die everybody waits, and is invited by the first that is back', () => {
    const { harness, clients } = call();
    harness.core.handleBridgeFailed('jvb-2');
    harness.core.handleBridgeFailed('jvb');
    harness.settle();
    const before = initiations(clients);
    harness.core.handleBridgeRestored('jvb-2');
    harness.settle();
    expect(initiations(clients)).toEqual(before.map((count) => count + 1));
    expect(endpointsOn(harness, 'jvb-2').slice(-4).sort()).toEqual(
      clients.map(({ nick }) => nick).sort(),
    );
  });

  test('leaves a bridge with its last endpoint there; the other forgets the relay', () => {
    const { harness, clients } = call();
    harness.leave(clients[2]);
    harness.leave(clients[3]);
    expect(ofBridge(harness, 'jvb-2').at(-1)?.expire).toBe(true);
    expect(relaysOf(ofBridge(harness, 'jvb')).at(-1)).toEqual({ id: 'jvb-2', expire: true });
    expect(harness.focusProperties['bridge-count']).toBe('1');
  });

  test('people are moved away from an overloaded one, ten at a time, who came last first', () => {
    const { harness, clients } = call({ maxEndpointsPerConference: 80 });
    expect(endpointsOn(harness, 'jvb')).toHaveLength(4);
    const stress = (jvb: number, jvb2: number) => {
      harness.bridges = [
        { id: 'jvb', isOperational: true, stress: jvb },
        { id: 'jvb-2', isOperational: true, stress: jvb2 },
      ];
    };
    const pass = (minutes: number) => {
      harness.time.advance(minutes * 60_000);
      harness.settle();
    };
    // Much to do, but bearable; then unbearable, and nowhere better.
    stress(0.85, 0.1);
    pass(10);
    stress(0.95, 0.85);
    pass(10);
    expect(initiations(clients)).toEqual([1, 1, 1, 1]);
    expect(harness.core.counters.participantsMoved).toBe(0);

    const more = Array.from({ length: 8 }, (_, i) => harness.join(`eeee${1000 + i}`));
    for (const [i, client] of more.entries()) accept(harness, client, 10 + i);
    stress(0.95, 0.1);
    pass(1);
    // Ten of twelve, and everybody sees everybody still.
    expect(harness.core.counters.participantsMoved).toBe(10);
    expect(initiations(clients)).toEqual([1, 1, 2, 2]);
    expect(initiations(more)).toEqual(Array(8).fill(2));
    expect(clients[2].of('session-terminate')).toMatchObject([{ reason: { text: 'moving' } }]);
    expect(endpointsOn(harness, 'jvb-2')).toHaveLength(10);
    for (const [i, client] of clients.slice(2).entries()) accept(harness, client, 2 + i);
    for (const [i, client] of more.entries()) accept(harness, client, 10 + i);
    for (const client of clients) expect(client.knownNames).toHaveLength(22);

    // What it did shows late: three minutes of peace.
    pass(2);
    expect(harness.core.counters.participantsMoved).toBe(10);
    pass(1);
    expect(harness.core.counters.participantsMoved).toBe(12);
  });

  test('stays on one bridge when it may not span', () => {
    const { harness } = call({ maySpan: false });
    expect(endpointsOn(harness, 'jvb')).toHaveLength(4);
    expect(relaysOf(harness.bridge.requests)).toEqual([]);
  });
});
