import { iqPayload } from '@conclave/protocols/xmpp';
import { expect, test } from 'vitest';
import { ConferenceHarness } from './conference-harness.ts';
import { microphone } from './sample-sources.ts';

/** Two participants, and a visitor who is in the room and has accepted its session. */
function audience() {
  const harness = new ConferenceHarness({ visitors: true });
  const a = harness.join('aaaa1111');
  const b = harness.join('bbbb2222');
  a.accept([microphone('aaaa1111', 1)]);
  b.accept([microphone('bbbb2222', 2)]);
  const visitor = harness.joinSilently('cccc3333');
  visitor.role = 'visitor';
  harness.announce(visitor);
  harness.settle();
  const reply = visitor.accept([microphone('cccc3333', 3)]);
  return { harness, a, b, visitor, reply };
}

test('a visitor receives everybody; what it offers to send is not taken, and the call goes on', () => {
  const { harness, a, visitor, reply } = audience();
  expect(reply.type).toBe('result');
  expect(visitor.knownNames).toEqual(['aaaa1111-a0', 'bbbb2222-a0']);
  expect(harness.bridge.sourcesOf('cccc3333')).toEqual([]);
  expect(harness.bridge.endpoints.get('cccc3333')?.forceMute).toEqual({ audio: true, video: true });
  expect(harness.bridge.endpoints.get('cccc3333')?.visitor).toBe(true);
  expect(a.knownNames).toEqual(['bbbb2222-a0']);
  const mutes = visitor.stanzas.map((stanza) => iqPayload(stanza)?.name);
  expect(mutes.filter((name) => name === 'mute')).toHaveLength(2);
});

test('everybody learns how many look on', () => {
  const { harness, visitor } = audience();
  expect(harness.focusProperties).toMatchObject({
    'visitors-enabled': 'true',
    'visitor-count': '1',
  });
  harness.leave(visitor);
  expect(harness.focusProperties['visitor-count']).toBe('0');
});

test('without visitors on this server nothing is said of them', () => {
  const harness = new ConferenceHarness();
  harness.join('aaaa1111');
  expect(harness.focusProperties).not.toHaveProperty('visitor-count');
});

test('a visitor who becomes a participant begins anew, and sends; and the other way round', () => {
  const { harness, a, visitor } = audience();
  const before = visitor.offer.sid;
  visitor.role = 'participant';
  harness.announce(visitor);
  harness.settle();
  expect(visitor.offer.sid).not.toBe(before);
  visitor.accept([microphone('cccc3333', 3)]);
  expect(a.knownNames).toEqual(['bbbb2222-a0', 'cccc3333-a0']);
  expect(harness.bridge.endpoints.get('cccc3333')?.forceMute).not.toMatchObject({ audio: true });
  expect(harness.bridge.endpoints.get('cccc3333')?.visitor).toBeUndefined();

  visitor.role = 'visitor';
  harness.announce(visitor);
  harness.settle();
  visitor.accept([microphone('cccc3333', 3)]);
  expect(a.knownNames).toEqual(['bbbb2222-a0']);
});

test('a visitor never leads', () => {
  const { harness, a, b, visitor } = audience();
  harness.leave(a);
  harness.leave(b);
  expect(visitor.affiliation).toBe('none');
});
