import { type XmlElement, xml } from '@conclave/protocols/xml';
import { iqPayload, NS } from '@conclave/protocols/xmpp';
import { describe, expect, test } from 'vitest';
import { ConferenceHarness } from './conference-harness.ts';
import { camera, MODERN_FEATURES, microphone } from './sample-sources.ts';
import { ROOM, type ScriptedClient } from './scripted-client.ts';

function call(): { harness: ConferenceHarness; a: ScriptedClient; b: ScriptedClient } {
  const harness = new ConferenceHarness();
  const a = harness.join('aaaa1111');
  const b = harness.join('bbbb2222');
  a.accept([microphone('aaaa1111', 1)]);
  b.accept([microphone('bbbb2222', 2)]);
  return { harness, a, b };
}

const mutesOf = (client: ScriptedClient): XmlElement[] =>
  client.stanzas.map((s) => iqPayload(s)).filter((p) => p?.name === 'mute') as XmlElement[];

function mute(from: ScriptedClient, nick: string, text = 'true', ns: string = NS.jitmeetAudio) {
  return from.sendPayload(xml('mute', ns, { jid: `${ROOM}/${nick}` }, text));
}

describe('roles', () => {
  test('the first participant becomes owner, the second does not', () => {
    const { a, b } = call();
    expect([a.affiliation, b.affiliation]).toEqual(['owner', 'none']);
  });

  test('when the last owner leaves, who has been there longest becomes owner', () => {
    const { harness, a, b } = call();
    const c = harness.join('cccc3333');
    harness.leave(a);
    expect([b.affiliation, c.affiliation]).toEqual(['owner', 'none']);
  });

  test('nobody is made owner when somebody is one already, or when it is turned off', () => {
    const harness = new ConferenceHarness();
    const a = harness.joinSilently('aaaa1111');
    expect(a.affiliation).toBe('owner');
    const off = new ConferenceHarness({ autoOwner: false });
    expect(off.join('aaaa1111').affiliation).toBe('none');
  });

  test('whoever may not lead is passed over', () => {
    const harness = new ConferenceHarness({
      mayBecomeOwner: ({ node }) => node !== 'aaaa1111-user',
    });
    const a = harness.join('aaaa1111');
    expect(a.affiliation).toBe('none');
    const b = harness.join('bbbb2222');
    expect([a.affiliation, b.affiliation]).toEqual(['none', 'owner']);
  });

  test('recorders are not made owner, and do not make a conference', () => {
    const harness = new ConferenceHarness({ hiddenDomain: 'hidden.meet.jitsi' });
    const recorder = harness.join('recorder', undefined, 'hidden.meet.jitsi');
    const a = harness.join('aaaa1111');
    expect([recorder.affiliation, a.affiliation]).toEqual(['none', 'owner']);
    expect(a.received).toEqual([]);
    harness.join('bbbb2222');
    expect(a.of('session-initiate')).toHaveLength(1);
    expect(recorder.of('session-initiate')).toHaveLength(1);
  });
});

describe('mute', () => {
  test('a moderator mutes another one: at the bridge, and the client is told who did it', () => {
    const { harness, a, b } = call();
    expect(mute(a, 'bbbb2222').type).toBe('result');
    expect(harness.bridge.endpoints.get('bbbb2222')?.forceMute).toEqual({
      audio: true,
      video: false,
    });
    const [told] = mutesOf(b);
    expect(told?.ns).toBe('http://jitsi.org/jitmeet/audio');
    expect(told?.text).toBe('true');
    expect(Object.fromEntries(told?.attributes ?? [])).toEqual({
      jid: `${ROOM}/bbbb2222`,
      actor: `${ROOM}/aaaa1111`,
    });
    // The client unmutes itself and says so.
    expect(mute(b, 'bbbb2222', 'false').type).toBe('result');
    expect(harness.bridge.endpoints.get('bbbb2222')?.forceMute?.audio).toBe(false);
    expect(mutesOf(b)).toHaveLength(1);
  });

  test('video too; of a desktop only the client is told', () => {
    const { harness, a, b } = call();
    mute(a, 'bbbb2222', 'true', NS.jitmeetVideo);
    expect(harness.bridge.endpoints.get('bbbb2222')?.forceMute?.video).toBe(true);
    const count = harness.bridge.requests.length;
    mute(a, 'bbbb2222', 'true', NS.jitmeetDesktop);
    expect(harness.bridge.requests).toHaveLength(count);
    expect(mutesOf(b).map(({ ns }) => ns)).toEqual([NS.jitmeetVideo, NS.jitmeetDesktop]);
  });

  test('refusals', () => {
    const { a, b } = call();
    expect(mute(b, 'aaaa1111').condition).toBe('not-allowed');
    expect(mute(a, 'nobody').condition).toBe('item-not-found');
    expect(mute(a, 'bbbb2222', 'false').condition).toBe('not-allowed');
    expect(mute(a, 'bbbb2222', 'maybe').condition).toBe('bad-request');
    expect(mute(b, 'bbbb2222').type).toBe('result');
    expect(mutesOf(b)).toEqual([]);
  });

  test('a mute outlives a restart of the session', () => {
    const { harness, a, b } = call();
    mute(a, 'bbbb2222');
    b.send({
      action: 'session-terminate',
      bridgeSession: { id: b.offer.bridgeSession?.id ?? '', restart: true },
    });
    expect(harness.bridge.endpoints.get('bbbb2222')).toMatchObject({
      create: true,
      forceMute: { audio: true },
    });
  });
});

describe('start muted', () => {
  const metadata = (harness: ConferenceHarness, startMuted: unknown) => {
    const text = JSON.stringify({ type: 'room_metadata', metadata: { startMuted } });
    const child = xml('json-message', NS.jitmeet, { room: ROOM }, text);
    harness.core.handleStanza(xml('message', NS.client, { from: 'metadata.meet.jitsi' }, child));
  };

  test('the policy is for those who come after it, and for their first session only', () => {
    const harness = new ConferenceHarness();
    const a = harness.join('aaaa1111');
    metadata(harness, { audio: true, video: false });
    const b = harness.join('bbbb2222');
    expect(a.offer.startMuted).toBeUndefined();
    expect(b.offer.startMuted).toEqual({ audio: true, video: false });
    b.send({
      action: 'session-terminate',
      bridgeSession: { id: b.offer.bridgeSession?.id ?? '', restart: true },
    });
    expect(b.of('session-initiate')).toHaveLength(2);
    expect(b.offer.startMuted).toBeUndefined();
  });

  test('clients that read the metadata themselves are not told; nonsense is no policy', () => {
    const harness = new ConferenceHarness();
    harness.join('aaaa1111');
    metadata(harness, { audio: true });
    const feature = 'http://jitsi.org/start-muted-room-metadata';
    const b = harness.join('bbbb2222', [...MODERN_FEATURES, feature]);
    expect(b.offer.startMuted).toBeUndefined();
    metadata(harness, 'loud');
    expect(harness.join('cccc3333').offer.startMuted).toBeUndefined();
  });
});

describe('AV moderation', () => {
  const news = (harness: ConferenceHarness, json: object, from = 'avmoderation.meet.jitsi') => {
    const text = JSON.stringify({ type: 'av_moderation', room: ROOM, ...json });
    const child = xml('json-message', NS.jitmeet, {}, text);
    harness.core.handleStanza(xml('message', NS.client, { from }, child));
    harness.bridge.settle();
  };

  test('turning it on mutes all but the actor; nobody unmutes without permission', () => {
    const { harness, b } = call();
    const actor = `${ROOM}/aaaa1111`;
    news(harness, { enabled: true, mediaType: 'audio', actor });
    expect(harness.bridge.endpoints.get('aaaa1111')?.forceMute).toBeUndefined();
    expect(harness.bridge.endpoints.get('bbbb2222')?.forceMute?.audio).toBe(true);
    expect(mutesOf(b)).toHaveLength(1);
    expect(mute(b, 'bbbb2222', 'false').condition).toBe('not-allowed');
    news(harness, { mediaType: 'audio', whitelists: { audio: [`${ROOM}/bbbb2222`] } });
    expect(mute(b, 'bbbb2222', 'false').type).toBe('result');
    news(harness, { mediaType: 'audio', whitelists: {}, removed: true });
    expect(mute(b, 'bbbb2222', 'false').condition).toBe('not-allowed');
    news(harness, { enabled: false, mediaType: 'audio' });
    expect(mute(b, 'bbbb2222', 'false').type).toBe('result');
  });

  test('who joins is muted at the bridge without being told, until a moderator allows it', () => {
    const { harness } = call();
    const actor = `${ROOM}/aaaa1111`;
    news(harness, { enabled: true, mediaType: 'video', actor });
    const c = harness.join('cccc3333');
    const forceMute = () => harness.bridge.endpoints.get('cccc3333')?.forceMute;
    expect(forceMute()).toEqual({ audio: false, video: true });
    expect(mutesOf(c)).toEqual([]);
    news(harness, { mediaType: 'video', whitelists: { video: [`${ROOM}/cccc3333`] } });
    expect(forceMute()).toEqual({ audio: false, video: false });
    news(harness, { mediaType: 'video', whitelists: {}, removed: true });
    expect(forceMute()?.video).toBe(true);
    news(harness, { enabled: false, mediaType: 'video' });
    expect(forceMute()?.video).toBe(false);
  });

  test('who becomes moderator needs no permission', () => {
    const { harness, b } = call();
    news(harness, { enabled: true, mediaType: 'audio', actor: `${ROOM}/aaaa1111` });
    expect(harness.bridge.endpoints.get('bbbb2222')?.forceMute?.audio).toBe(true);
    b.role = 'moderator';
    harness.announce(b);
    harness.bridge.settle();
    expect(harness.bridge.endpoints.get('bbbb2222')?.forceMute?.audio).toBe(false);
  });

  test('only the component is believed', () => {
    const { harness, b } = call();
    news(harness, { enabled: true, mediaType: 'audio' }, `${ROOM}/bbbb2222`);
    expect(mutesOf(b)).toEqual([]);
  });

  test('a screen needs permission while screens are moderated; the camera does not', () => {
    const { harness, b } = call();
    const screen = camera('bbbb2222', 300, 'bbbb2222-v1', 'desktop');
    news(harness, { enabled: true, mediaType: 'desktop', actor: `${ROOM}/aaaa1111` });
    expect(b.addSources([camera('bbbb2222', 200)]).type).toBe('result');
    expect(b.addSources([screen])).toMatchObject({ type: 'error', condition: 'forbidden' });
    news(harness, { mediaType: 'desktop', whitelists: { desktop: [`${ROOM}/bbbb2222`] } });
    expect(b.addSources([screen]).type).toBe('result');
  });
});

describe('a login that allows no screen-sharing', () => {
  const silenced = () =>
    new ConferenceHarness({ mayShareScreen: ({ node }) => !node.startsWith('bbbb2222') });

  test('shows none, and has its call', () => {
    const harness = silenced();
    const a = harness.join('aaaa1111');
    const b = harness.join('bbbb2222');
    a.accept([microphone('aaaa1111', 1)]);
    const screen = camera('bbbb2222', 300, 'bbbb2222-v1', 'desktop');
    b.accept([microphone('bbbb2222', 2), screen]);
    expect(a.knownNames).toEqual(['bbbb2222-a0']);
    expect(b.addSources([screen])).toMatchObject({ type: 'error', condition: 'forbidden' });
    expect(b.addSources([camera('bbbb2222', 200)]).type).toBe('result');
    expect(a.knownNames).toEqual(['bbbb2222-a0', 'bbbb2222-v0']);
    expect(a.addSources([camera('aaaa1111', 400, 'aaaa1111-v1', 'desktop')]).type).toBe('result');
  });
});
