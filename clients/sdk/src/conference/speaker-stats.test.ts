import { ManualClock } from '@conclave/testkit';
import { expect, test, vi } from 'vitest';
import { NO_SERVICES } from './room-services.ts';
import { SpeakerStats } from './speaker-stats.ts';

function stats() {
  const send = vi.fn();
  const context = {
    roomJid: 'daily@muc.meet.jitsi',
    ownId: 'me',
    send,
    request: () => Promise.reject(new Error('not asked')),
  };
  const services = { ...NO_SERVICES, speakerStats: 'speakerstats.meet.jitsi' };
  const clock = new ManualClock();
  const speakers = new SpeakerStats(
    context,
    () => services,
    () => clock.nowMs(),
  );
  return { send, speakers, clock };
}

test('the time of each speaker runs until the next, and not in silence', () => {
  const { speakers, clock } = stats();
  speakers.handleDominant('ada', false);
  clock.advance(3_000);
  speakers.handleDominant('ben', false);
  clock.advance(1_000);
  expect(speakers.times()).toEqual([
    { id: 'ada', nameOfGone: undefined, spokenMs: 3_000 },
    { id: 'ben', nameOfGone: undefined, spokenMs: 1_000 },
  ]);
  clock.advance(3_000);
  speakers.handleDominant('ben', true);
  clock.advance(90_000);
  expect(speakers.times()[0]).toEqual({ id: 'ben', nameOfGone: undefined, spokenMs: 4_000 });
});

test('what was before we came counts; who left keeps a name, and speaks no more', () => {
  const { speakers, clock } = stats();
  speakers.handleNews({
    users: {
      eve: { totalDominantSpeakerTime: 7_000, displayName: 'Eve' },
      ada: { totalDominantSpeakerTime: 2_000 },
    },
  });
  speakers.handleDominant('ada', false);
  clock.advance(1_000);
  speakers.handleLeft('ada', 'Ada');
  clock.advance(59_000);
  expect(speakers.times()).toEqual([
    { id: 'eve', nameOfGone: 'Eve', spokenMs: 7_000 },
    { id: 'ada', nameOfGone: 'Ada', spokenMs: 3_000 },
  ]);
});

test.each([
  {},
  { users: [] },
  { users: { a: 1, b: { totalDominantSpeakerTime: '9' }, c: { totalDominantSpeakerTime: -1 } } },
])('nonsense counts for nothing: %j', (json) => {
  const { speakers } = stats();
  speakers.handleNews(json);
  expect(speakers.times()).toEqual([]);
});

test('we tell the server when we speak, and when we fall silent; of others it learns from them', () => {
  const { send, speakers } = stats();
  speakers.handleDominant('ada', false);
  expect(send).not.toHaveBeenCalled();
  speakers.handleDominant('me', false);
  speakers.handleDominant('me', true);
  expect(send.mock.calls.map(([stanza]) => String(stanza))).toEqual(
    ['false', 'true'].map(
      (silence) =>
        `<message xmlns="jabber:client" to="speakerstats.meet.jitsi"><speakerstats xmlns="http://jitsi.org/jitmeet" room="daily@muc.meet.jitsi" silence="${silence}"/></message>`,
    ),
  );
});
