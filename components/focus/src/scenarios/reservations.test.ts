import { dataFormFromXml, iqPayload, stanzaErrorFromXml } from '@conclave/protocols/xmpp';
import { describe, expect, test } from 'vitest';
import type { BookingResult, ReservationLink } from '../core/reservations.ts';
import { ConferenceHarness } from './conference-harness.ts';

class ScriptedLink implements ReservationLink {
  readonly asked: string[] = [];
  readonly released: string[] = [];
  #waiting: ((result: BookingResult) => void)[] = [];

  book(room: { readonly bare: string }, _: string, done: (result: BookingResult) => void): void {
    this.asked.push(room.bare);
    this.#waiting.push(done);
  }

  release(id: string): void {
    this.released.push(id);
  }

  answer(result: BookingResult): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const done of waiting) done(result);
  }
}

const booked = (more: object = {}): BookingResult => ({
  type: 'booked',
  reservation: { id: '17', ...more },
});

function start() {
  const link = new ScriptedLink();
  const harness = new ConferenceHarness({}, link);
  return { link, harness };
}

const isReady = (harness: ConferenceHarness, index: number) => {
  const reply = harness.conferenceReplies[index];
  return reply && iqPayload(reply)?.attribute('ready');
};

describe('rooms that must be reserved', () => {
  test('open when the system says so; it is asked once for all who wait, and not for who comes later', () => {
    const { link, harness } = start();
    harness.requestConference('a1');
    harness.requestConference('b2');
    expect(harness.isFocusInRoom).toBe(false);
    link.answer(booked());
    expect([isReady(harness, 0), isReady(harness, 1)]).toEqual(['true', 'true']);
    harness.requestConference('c3');
    expect(isReady(harness, 2)).toBe('true');
    expect(link.asked).toEqual(['daily@muc.meet.jitsi']);
    expect(harness.roomRequests).toEqual([]);
  });

  test('stay closed when it refuses, with its reason in the form that clients read', () => {
    const { link, harness } = start();
    harness.requestConference('a1');
    link.answer({ type: 'refused', code: 403, text: 'Not on Sundays' });
    const [reply] = harness.conferenceReplies;
    const error = reply && stanzaErrorFromXml(reply);
    expect(error?.text).toBe('Not on Sundays');
    expect(error?.extra?.map(String)).toEqual([
      '<reservation-error xmlns="http://jitsi.org/protocol/focus" error-code="403"/>',
    ]);
    expect(harness.core.stats().conferences).toBe(0);
    expect(link.released).toEqual([]);
    // The next one asks again.
    harness.requestConference('a1');
    expect(link.asked).toHaveLength(2);
  });

  test('get size, lobby and password of the reservation', () => {
    const { link, harness } = start();
    harness.requestConference('a1');
    link.answer(booked({ maxOccupants: 5, hasLobby: true, password: 's3cret' }));
    const form = harness.roomRequests[0]?.child('x');
    const fields = form && dataFormFromXml(form)?.fields;
    const values = fields?.map(({ name, values: all }) => [name.split('_')[1], all[0]]);
    expect(Object.fromEntries(values ?? [])).toMatchObject({
      maxusers: '5',
      membersonly: '1',
      passwordprotectedroom: '1',
      roomsecret: 's3cret',
    });
  });

  test('end when the time is up, and are given back when the conference is over', () => {
    const { link, harness } = start();
    harness.requestConference('a1');
    const endWallMs = harness.time.wallMs() + 3_600_000;
    link.answer(booked({ endWallMs }));
    const client = harness.join('a1');
    harness.time.advance(3_599_999);
    expect(harness.roomRequests).toEqual([]);
    harness.time.advance(1);
    expect(harness.roomRequests[0]?.child('destroy')?.child('reason')?.text).toBe(
      'Scheduled conference duration exceeded.',
    );
    harness.leave(client);
    expect(link.released).toEqual(['17']);
    expect(harness.time.timerCount).toBe(0);
  });
});
