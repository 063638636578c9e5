/** Whatever happens in whatever order, everybody ends up knowing what the others send, and so does the bridge. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_FOCUS_OPTIONS, type FocusOptions } from '../options.ts';
import { ConferenceHarness } from './conference-harness.ts';
import { camera, microphone, OLD_FEATURES } from './sample-sources.ts';

const NICKS = ['a0000000', 'b0000000', 'c0000000', 'd0000000'] as const;

const step = fc.record({
  who: fc.nat(NICKS.length - 1),
  what: fc.constantFrom(
    'join',
    'join old',
    'accept',
    'accept',
    'add screen',
    'remove screen',
    'add mic',
    'remove mic',
    'restart',
    'leave',
    'bridge fails',
    'bridge is back',
    'wait',
  ),
});

/** On one bridge, and on two of which each takes two of its people. */
const BRIDGES = [['jvb'], ['jvb', 'jvb-2']];

function start(ids: readonly string[], options: Partial<FocusOptions> = {}): ConferenceHarness {
  const { bridgeSelection } = DEFAULT_FOCUS_OPTIONS;
  const harness = new ConferenceHarness({
    ...options,
    bridgeSelection: { ...bridgeSelection, maxEndpointsPerConference: ids.length > 1 ? 2 : 80 },
  });
  harness.bridges = ids.map((id) => ({ id, isOperational: true, stress: 0 }));
  return harness;
}

const bridgeOf = (harness: ConferenceHarness, who: number): string =>
  harness.bridges[who % harness.bridges.length]?.id ?? '';

function restoreAll(harness: ConferenceHarness): void {
  for (const { id } of harness.bridges) harness.core.handleBridgeRestored(id);
}

function run(harness: ConferenceHarness, who: number, what: string): void {
  const nick = NICKS[who] as string;
  const client = harness.clients.get(nick);
  const mic = microphone(nick, 1 + who);
  const screen = camera(nick, 100 * (who + 1), `${nick}-v1`, 'desktop');
  if (what.startsWith('join') && client === undefined) {
    if (what === 'join old') harness.join(nick, OLD_FEATURES);
    else harness.join(nick);
  } else if (what === 'bridge fails') harness.failBridge(bridgeOf(harness, who));
  else if (what === 'bridge is back') harness.core.handleBridgeRestored(bridgeOf(harness, who));
  else if (what === 'wait') harness.time.advance(3_000);
  if (client === undefined || client.of('session-initiate').length === 0) return;
  if (what === 'accept') client.accept([mic]);
  else if (what === 'add screen') client.addSources([screen]);
  else if (what === 'remove screen') client.removeSources([screen]);
  else if (what === 'add mic') client.addSources([mic]);
  else if (what === 'remove mic') client.removeSources([mic]);
  else if (what === 'leave') harness.leave(client);
  else if (what === 'restart') {
    const id = client.offer.bridgeSession?.id ?? '';
    client.send({ action: 'session-terminate', bridgeSession: { id, restart: true } });
  }
}

describe('random calls', { timeout: 60_000 }, () => {
  test.each(BRIDGES.map((ids) => [ids.length, ids] as const))(
    'everybody knows what the others send, on %d',
    (_count, ids) => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
          const harness = start(ids, { restartLimit: { burst: 100, intervalMs: 1 } });
          for (const { who, what } of steps) {
            run(harness, who, what);
            harness.settle();
          }
          restoreAll(harness);
          harness.time.advance(15_000);
          harness.settle();
          expect(harness.events).not.toContain('conference.crashed');
          // Everybody who may accepts; those who have accepted are refused, and nothing changes.
          const clients = [...harness.clients.values()];
          const invited = clients.filter((c) => c.received.at(-1)?.action !== 'session-terminate');
          for (const client of invited) {
            if (client.of('session-initiate').length > 0) client.accept();
          }
          harness.settle();
          for (const receiver of invited) {
            if (receiver.of('session-initiate').length === 0) continue;
            // Clients drop the sources of those who left by themselves.
            const known = receiver.knownNames.filter((name) =>
              harness.clients.has(name.slice(0, 8)),
            );
            const sent = clients
              .filter((other) => other !== receiver)
              .flatMap(({ nick }) => harness.bridge.sourcesOf(nick).map(({ name }) => name));
            expect(known).toEqual(sent.sort());
            // What it is told of, its bridge has to forward.
            expect(harness.bridge.sourcesKnownTo(receiver.nick)).toEqual(
              expect.arrayContaining(known),
            );
          }
        }),
        { numRuns: 150 },
      );
    },
  );

  test.each(BRIDGES.map((ids) => [ids.length, ids] as const))(
    'a conference that everybody left leaves nothing behind, on %d',
    (_count, ids) => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
          const harness = start(ids);
          for (const { who, what } of steps) {
            run(harness, who, what);
            harness.settle();
          }
          restoreAll(harness);
          for (const client of [...harness.clients.values()]) harness.leave(client);
          harness.time.advance(120_000);
          harness.settle();
          expect(harness.core.stats()).toEqual({ conferences: 0, participants: 0 });
          expect(harness.isFocusInRoom).toBe(false);
          expect(harness.bridge.endpoints.size).toBe(0);
          expect(harness.time.timerCount).toBe(0);
        }),
        { numRuns: 100 },
      );
    },
  );
});
