import { createHash, webcrypto } from 'node:crypto';
import { silentLogger } from '@conclave/base';
import type { FocusSession, Platform, SocketEvents } from '@conclave/sdk';
import { ManualClock, SeededRandom } from '@conclave/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { RoomModel } from './room-model.ts';

const ROOM = 'daily@muc.meet.jitsi';
const ID = 'a1b2c3d4';

/** A server that lets everybody in, as far as the visit to a room needs one. */
class Server {
  readonly clock = new ManualClock();
  readonly urls: string[] = [];
  /** No socket opens. */
  down = false;
  /** What the room answers to a join, instead of letting in. */
  refusal: string | undefined;
  /** How one may log in; the only account is `ada` with `s3cret`. */
  mechanism = 'ANONYMOUS';
  /** What the focus answers to the conference request, instead of being ready. */
  focusRefusal: string | undefined;
  /** Answers leaving with the confirmation. */
  confirmsLeaving = true;
  readonly #open: SocketEvents[] = [];

  get platform(): Platform {
    return {
      clock: this.clock,
      timers: this.clock,
      random: new SeededRandom(1),
      logger: silentLogger,
      subtle: webcrypto.subtle as SubtleCrypto,
      sha1Base64: async (text) => createHash('sha1').update(text).digest('base64'),
      openSocket: (url, _, events) => {
        this.urls.push(url);
        queueMicrotask(() => (this.down ? events.onClose() : events.onOpen()));
        this.#open.push(events);
        return { send: (text) => this.#reply(events, text), close: () => this.#forget(events) };
      },
    };
  }

  get openSockets(): number {
    return this.#open.length;
  }

  say(text: string): void {
    for (const events of [...this.#open]) events.onText(text);
  }

  #forget(events: SocketEvents): void {
    const index = this.#open.indexOf(events);
    if (index >= 0) this.#open.splice(index, 1);
  }

  #reply(events: SocketEvents, text: string): void {
    for (const answer of this.#answers(text)) {
      queueMicrotask(() => this.#open.includes(events) && events.onText(answer));
    }
  }

  #answers(text: string): readonly string[] {
    const features = (inner: string) =>
      `<stream:features xmlns:stream="http://etherx.jabber.org/streams">${inner}</stream:features>`;
    const presence = (inner: string, type = '') =>
      `<presence xmlns="jabber:client" ${type} from="${ROOM}/${ID}">${inner}</presence>`;
    const user = '<x xmlns="http://jabber.org/protocol/muc#user"><status code="110"/></x>';
    if (text.startsWith('<open')) {
      return [
        '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" version="1.0"/>',
        features(
          `<mechanisms xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><mechanism>${this.mechanism}</mechanism></mechanisms><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/>`,
        ),
      ];
    }
    if (text.startsWith('<auth') && text.includes('PLAIN')) {
      const said = Buffer.from(/>([^<]*)</.exec(text)?.[1] ?? '', 'base64').toString();
      if (said !== '\0ada\0s3cret') {
        return ['<failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><not-authorized/></failure>'];
      }
    }
    if (text.startsWith('<auth')) return ['<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>'];
    const id = / id="([^"]*)"/.exec(text)?.[1] ?? '';
    const result = (inner: string, from = '') =>
      `<iq xmlns="jabber:client" type="result" id="${id}" ${from}>${inner}</iq>`;
    if (id === 'bind') {
      const jid = `<jid>${ID}-0000@meet.jitsi/r</jid>`;
      return [result(`<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind">${jid}</bind>`)];
    }
    if (text.includes('disco#info'))
      return [result('<query xmlns="http://jabber.org/protocol/disco#info"/>')];
    if (text.includes('<conference') && this.focusRefusal !== undefined) {
      return [
        `<iq xmlns="jabber:client" type="error" id="${id}" from="focus.meet.jitsi">${this.focusRefusal}</iq>`,
      ];
    }
    if (text.includes('<conference')) {
      const ready =
        '<conference xmlns="http://jitsi.org/protocol/focus" ready="true" focusjid="focus@auth.meet.jitsi"/>';
      return [result(ready, 'from="focus.meet.jitsi"')];
    }
    if (text.includes('type="unavailable"')) {
      if (!text.includes(ROOM)) return [];
      return this.confirmsLeaving ? [presence(user, 'type="unavailable"')] : [];
    }
    if (!text.includes('"http://jabber.org/protocol/muc"')) return [];
    return [this.refusal === undefined ? presence(user) : presence(this.refusal, 'type="error"')];
  }
}

let server: Server;
let model: RoomModel;
let savedSessions: FocusSession[];

beforeEach(() => {
  server = new Server();
  savedSessions = [];
  model = new RoomModel(
    {
      platform: server.platform,
      mediaDevices: undefined,
      userAgent: '',
      focusSession: {
        load: () => ({ machineUid: 'uid-1' }),
        save: (session) => savedSessions.push(session),
      },
    },
    {
      domain: 'meet.jitsi',
      guestDomain: undefined,
      hasToken: false,
      passwordLogIn: true,
      logInTemplates: [],
      mucDomain: 'muc.meet.jitsi',
      focusAddress: 'focus.meet.jitsi',
      serviceUrl: 'wss://meet.jitsi/xmpp-websocket',
      ssrcRewriting: true,
      prejoinEnabled: true,
      startWithAudioMuted: false,
      startWithVideoMuted: false,
      displayName: undefined,
    },
    'daily',
    { audioMuted: true, videoMuted: true },
  );
});

const phase = () => model.phase.get().type;

async function settled(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await Promise.resolve();
}

async function join(password?: string): Promise<void> {
  void model.join('Ada', password);
  await settled();
}

const NOT_AUTHORIZED =
  '<error type="auth"><not-authorized xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error>';
const GONE = `<presence xmlns="jabber:client" type="unavailable" from="${ROOM}/${ID}"><x xmlns="http://jabber.org/protocol/muc#user"><status code="110"/></x></presence>`;

describe('a visit to a room', () => {
  test('connects at the door, and joins when asked', async () => {
    model.start();
    await settled();
    expect([phase(), server.openSockets]).toEqual(['prejoin', 1]);
    await join();
    expect(phase()).toBe('call');
    expect(server.urls).toEqual(['wss://meet.jitsi/xmpp-websocket?room=daily']);
  });

  test('leaving closes all; joining again starts afresh', async () => {
    model.start();
    await join();
    await model.leave();
    expect([phase(), server.openSockets]).toEqual(['left', 0]);
    model.start();
    await join();
    expect([phase(), server.openSockets]).toEqual(['call', 1]);
  });

  test('who comes back before the room has confirmed gets in', async () => {
    server.confirmsLeaving = false;
    model.start();
    await join();
    const leaving = model.leave();
    model.start();
    await join();
    expect(phase()).toBe('call');
    server.clock.advance(5_000);
    await leaving;
    expect([phase(), server.openSockets]).toEqual(['call', 1]);
  });

  test('a password is asked for until it is right', async () => {
    server.refusal = NOT_AUTHORIZED;
    model.start();
    await join();
    expect(model.phase.get()).toEqual({ type: 'password', wasWrong: false });
    await join('wrong');
    expect(model.phase.get()).toEqual({ type: 'password', wasWrong: true });
    server.refusal = undefined;
    await join('right');
    expect(phase()).toBe('call');
  });

  test('giving up on the password leads back to the door', async () => {
    server.refusal = NOT_AUTHORIZED;
    model.start();
    await join();
    model.cancel();
    await settled();
    expect([phase(), server.openSockets]).toEqual(['prejoin', 1]);
  });
});

describe('a closed door', () => {
  const LOBBY =
    '<error type="auth"><registration-required xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/><lobbyroom xmlns="http://jitsi.org/jitmeet">daily@lobby.meet.jitsi</lobbyroom></error>';
  const NAME =
    '<error type="modify"><not-acceptable xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/><displayname-required xmlns="http://jitsi.org/jitmeet" lobby="true"/></error>';
  const invitation = `<message xmlns="jabber:client" from="${ROOM}"><x xmlns="http://jabber.org/protocol/muc#user"><invite from="b@meet.jitsi/r"/></x></message>`;

  test('we knock, and enter when a moderator says so', async () => {
    server.refusal = LOBBY;
    model.start();
    await join();
    expect(model.phase.get()).toMatchObject({ type: 'lobby', passwordWasWrong: false });
    server.refusal = undefined;
    server.say(invitation);
    await settled();
    expect(phase()).toBe('call');
  });

  test('a name is asked for first, when the room wants one', async () => {
    server.refusal = NAME;
    model.start();
    await join();
    expect(model.phase.get()).toMatchObject({ type: 'lobby', visit: undefined });
    server.refusal = LOBBY;
    await join();
    expect(model.phase.get()).not.toMatchObject({ visit: undefined });
  });

  test('a wrong password leaves us at the door, the right one opens it', async () => {
    server.refusal = LOBBY;
    model.start();
    await join();
    void model.joinWithPassword('wrong');
    await settled();
    expect(model.phase.get()).toMatchObject({ type: 'lobby', passwordWasWrong: true });
    server.refusal = undefined;
    void model.joinWithPassword('right');
    await settled();
    expect(phase()).toBe('call');
  });
});

describe('a server with accounts', () => {
  test('a guest waits for the host, and asks every five seconds', async () => {
    server.focusRefusal = NOT_AUTHORIZED;
    model.start();
    await join();
    expect(phase()).toBe('waitingForHost');
    server.clock.advance(5_000);
    await settled();
    expect(phase()).toBe('waitingForHost');
    server.focusRefusal = undefined;
    server.clock.advance(4_999);
    await settled();
    expect(phase()).toBe('waitingForHost');
    server.clock.advance(1);
    await settled();
    expect(phase()).toBe('call');
    expect(savedSessions).toEqual([{ machineUid: 'uid-1' }]);
  });

  test('the host logs in and enters; a wrong password is told', async () => {
    server.focusRefusal = NOT_AUTHORIZED;
    model.start();
    await join();
    model.openLogIn();
    expect(model.phase.get()).toEqual({ type: 'logIn', pending: false, problem: undefined });
    server.mechanism = 'PLAIN';
    void model.logIn('ada', 'wrong');
    expect(model.phase.get()).toMatchObject({ pending: true });
    await settled();
    expect(model.phase.get()).toEqual({ type: 'logIn', pending: false, problem: 'not-authorized' });
    server.focusRefusal = undefined;
    void model.logIn('ada', 's3cret');
    await settled();
    expect(phase()).toBe('call');
  });

  test('where guests may not come, logging in leads to the door', async () => {
    server.mechanism = 'PLAIN';
    model.start();
    await settled();
    expect(phase()).toBe('logIn');
    void model.logIn('ada', 's3cret');
    await settled();
    expect(phase()).toBe('prejoin');
    await join();
    expect(phase()).toBe('call');
  });

  test('an account that may not open rooms is told so, not sent round in circles', async () => {
    server.focusRefusal = NOT_AUTHORIZED;
    server.mechanism = 'PLAIN';
    model.start();
    await settled();
    void model.logIn('ada', 's3cret');
    await settled();
    await join();
    expect(model.phase.get()).toMatchObject({ type: 'failed', failure: { type: 'notAllowed' } });
  });
});

describe('a meeting that breaks off', () => {
  beforeEach(async () => {
    model.start();
    await join();
  });

  test('is joined again by itself', async () => {
    server.say(GONE);
    expect(phase()).toBe('recovering');
    server.clock.advance(1_000);
    await settled();
    expect(phase()).toBe('call');
    server.clock.advance(120_000);
    expect(phase()).toBe('call');
  });

  test('is given up after a minute without a server', async () => {
    server.down = true;
    server.say(GONE);
    for (let second = 0; second < 59; second++) {
      server.clock.advance(1_000);
      await settled();
    }
    expect(phase()).toBe('recovering');
    server.clock.advance(1_000);
    expect(model.phase.get()).toEqual({ type: 'failed', failure: { type: 'conferenceGone' } });
  });

  test('waits for a password as long as it takes', async () => {
    server.refusal = NOT_AUTHORIZED;
    server.say(GONE);
    server.clock.advance(1_000);
    await settled();
    expect(phase()).toBe('password');
    server.clock.advance(61_000);
    expect(phase()).toBe('password');
  });

  test('may be left meanwhile', async () => {
    server.say(GONE);
    await model.leave();
    server.clock.advance(120_000);
    await settled();
    expect([phase(), server.openSockets]).toEqual(['left', 0]);
  });
});
