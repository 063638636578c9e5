import { xml } from '@conclave/protocols/xml';
import { jsonMessage, NS } from '@conclave/protocols/xmpp';
import { expect, test } from 'vitest';
import { ConferenceHarness } from './conference-harness.ts';
import { ROOM } from './scripted-client.ts';

function tell(
  harness: ConferenceHarness,
  isOpen: boolean,
  hasModerator: boolean,
  from = 'breakout.meet.jitsi',
) {
  const json = { type: 'breakout_rooms', room: ROOM, isOpen, hasModerator };
  harness.core.handleStanza(xml('message', NS.client, { from }, jsonMessage(json)));
}

test('the main room is kept while there are breakout rooms, though nobody is in it', () => {
  const harness = new ConferenceHarness();
  const a = harness.join('aaaa1111');
  tell(harness, true, true);
  harness.leave(a);
  harness.time.advance(3_600_000);
  expect(harness.isFocusInRoom).toBe(true);
  tell(harness, false, false);
  expect(harness.isFocusInRoom).toBe(false);
  expect(harness.time.timerCount).toBe(0);
});

test('nobody is made owner while the owner is in a breakout room', () => {
  const harness = new ConferenceHarness();
  const a = harness.join('aaaa1111');
  const b = harness.join('bbbb2222');
  expect(a.affiliation).toBe('owner');
  tell(harness, true, true);
  harness.leave(a);
  expect(b.affiliation).toBe('none');
  // It went for good.
  tell(harness, true, false);
  expect(b.affiliation).toBe('owner');
});

test('only the component of breakout rooms is believed', () => {
  const harness = new ConferenceHarness();
  const a = harness.join('aaaa1111');
  for (const from of ['aaaa1111-user@meet.jitsi/r', `${ROOM}/aaaa1111`, 'meet.jitsi']) {
    tell(harness, true, true, from);
  }
  harness.leave(a);
  expect(harness.isFocusInRoom).toBe(false);
});

test('a conference may be requested in a breakout room; one that is gone answers ready, as the room says the rest', () => {
  const harness = new ConferenceHarness();
  harness.answersJoin = false;
  harness.requestConference('a1', 'x@breakout.meet.jitsi');
  harness.time.advance(10_000);
  expect(harness.conferenceReplies[0]?.child('conference')?.attribute('ready')).toBe('true');
});
