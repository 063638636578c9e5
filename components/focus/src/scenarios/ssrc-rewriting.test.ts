import { describe, expect, test } from 'vitest';
import type { FocusOptions } from '../options.ts';
import { ConferenceHarness } from './conference-harness.ts';
import { camera, MODERN_FEATURES, microphone } from './sample-sources.ts';
import type { ScriptedClient } from './scripted-client.ts';

const FEATURES = [...MODERN_FEATURES, 'http://jitsi.org/ssrc-rewriting-1'];

function call(options: Partial<FocusOptions> = {}): {
  harness: ConferenceHarness;
  classic: ScriptedClient;
  rewriting: ScriptedClient;
} {
  const harness = new ConferenceHarness(options);
  const classic = harness.join('aaaa1111');
  const rewriting = harness.join('bbbb2222', FEATURES);
  classic.accept([microphone('aaaa1111', 1)]);
  rewriting.accept([microphone('bbbb2222', 2)]);
  return { harness, classic, rewriting };
}

/** What it knows of sources, the bridge's own included. */
function toldTo(client: ScriptedClient): string[] {
  return client.received.flatMap(({ jsonSources = [] }) => jsonSources.map(({ owner }) => owner));
}

describe('a client that takes rewritten SSRCs', () => {
  test('is told the sources of the bridge only, whoever comes and shares', () => {
    const { harness, classic, rewriting } = call();
    expect(harness.bridge.endpoints.get('bbbb2222')?.ssrcRewriting).toBe(true);
    expect(harness.bridge.endpoints.get('aaaa1111')?.ssrcRewriting).toBeUndefined();
    classic.addSources([camera('aaaa1111', 200, 'aaaa1111-v1', 'desktop')]);
    const third = harness.join('cccc3333', FEATURES);
    third.accept([microphone('cccc3333', 3)]);
    expect(toldTo(rewriting)).toEqual(['jvb']);
    expect(rewriting.of('source-add')).toEqual([]);
    expect(toldTo(third)).toEqual(['jvb']);
    // The others are told as ever, and the bridge is told everything.
    expect(classic.knownNames).toEqual(['bbbb2222-a0', 'cccc3333-a0']);
    expect(harness.bridge.sourcesOf('aaaa1111').map(({ name }) => name)).toEqual([
      'aaaa1111-a0',
      'aaaa1111-v1',
    ]);
  });

  test('gets MIDs when it asks for them, which without rewriting would say nothing', () => {
    const harness = new ConferenceHarness();
    const midDemux = 'http://jitsi.org/rtp-mid-demux';
    harness.join('aaaa1111', [...MODERN_FEATURES, midDemux]);
    harness.join('bbbb2222', [...FEATURES, midDemux]);
    harness.join('cccc3333', FEATURES);
    expect(harness.bridge.endpoints.get('aaaa1111')?.midDemux).toBeUndefined();
    expect(harness.bridge.endpoints.get('bbbb2222')?.midDemux).toBe(true);
    expect(harness.bridge.endpoints.get('cccc3333')?.midDemux).toBeUndefined();
  });

  test('is told nothing of sources that were there before its session', () => {
    const harness = new ConferenceHarness();
    const a = harness.join('aaaa1111');
    const b = harness.join('bbbb2222', FEATURES);
    a.accept([microphone('aaaa1111', 1)]);
    b.accept();
    expect(toldTo(b)).toEqual(['jvb']);
    b.send({
      action: 'session-terminate',
      bridgeSession: { id: b.offer.bridgeSession?.id ?? '', restart: true },
    });
    harness.settle();
    b.accept();
    a.addSources([camera('aaaa1111', 100)]);
    expect(toldTo(b)).toEqual(['jvb', 'jvb']);
  });

  test('is one like the others when the server does not want it', () => {
    const { harness, rewriting } = call({ ssrcRewriting: false });
    expect(harness.bridge.endpoints.get('bbbb2222')?.ssrcRewriting).toBeUndefined();
    expect(rewriting.knownNames).toEqual(['aaaa1111-a0']);
  });
});
