/** Plays a stanza script against the core, in memory and in manual time. */
import { type AuditRecord, type RandomSource, silentLogger } from '@conclave/base';
import { Jid } from '@conclave/protocols/xmpp';
import { XmppCore } from '../core/xmpp-core.ts';
import {
  DEFAULT_XMPP_LIMITS,
  DEFAULT_XMPP_OPTIONS,
  type ExternalService,
  type XmppServerOptions,
} from '../options.ts';
import { type Bindings, mismatch } from './match-stanza.ts';
import { MemoryRoomStore } from './memory-room-store.ts';
import type { Script } from './parse-script.ts';
import { scriptedLogins } from './scripted-logins.ts';
import { element, ScriptedPeer } from './scripted-peer.ts';

const FRAMING = 'xmlns="urn:ietf:params:xml:ns:xmpp-framing"';
const FOCUS = 'focus';

/** Deterministic bytes (xorshift32): scripts never depend on real randomness. */
export function seededRandom(seed: number): RandomSource {
  let state = seed | 1;
  return {
    bytes: (length) => {
      const out = new Uint8Array(length);
      for (let i = 0; i < length; i++) {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        out[i] = state >>> 8;
      }
      return out;
    },
  };
}

export class ScriptRun {
  readonly core: XmppCore;
  readonly audit: AuditRecord[] = [];
  readonly #peers = new Map<string, ScriptedPeer>();
  readonly #bindings: Bindings = new Map();
  #nowMs = 1_000;

  constructor(script: Pick<Script, 'options' | 'limits'>) {
    const { tokens, accounts, roomStore, externalServices, ...settings } = script.options;
    const options: XmppServerOptions = {
      ...DEFAULT_XMPP_OPTIONS,
      ...settings,
      ...(externalServices !== undefined && {
        externalServices: () => externalServices as readonly ExternalService[],
      }),
      ...(roomStore === 'memory' && { roomStore: new MemoryRoomStore() }),
      limits: { ...DEFAULT_XMPP_LIMITS, ...script.limits },
    };
    this.core = new XmppCore(
      {
        random: seededRandom(7),
        logger: silentLogger,
        audit: { record: (record) => this.audit.push(record) },
      },
      options,
      this.#time(),
      scriptedLogins(
        tokens as Parameters<typeof scriptedLogins>[0],
        accounts as Parameters<typeof scriptedLogins>[1],
      ),
    );
    const focus = new ScriptedPeer();
    const domains = ['focus.meet.jitsi', 'auth.meet.jitsi'];
    const port = this.core.attachComponent(domains, (stanza) => focus.receive(stanza));
    focus.say = (text) => this.core.handleComponentStanza(port, element(text), this.#time());
    this.#peers.set(FOCUS, focus);
  }

  /** Throws an error that names what was expected and what came. */
  step(text: string): void {
    const after = /^after (\d+) (ms|s)$/.exec(text);
    if (after !== null) {
      this.#advance(Number(after[1]) * (after[2] === 's' ? 1000 : 1));
      return;
    }
    const metric = /^metric (\w+) is (\d+)$/.exec(text);
    if (metric !== null) {
      const metrics: Record<string, unknown> = { ...this.core.core.metrics };
      const value = metrics[metric[1] ?? ''];
      if (value !== Number(metric[2])) throw new Error(`${metric[1]} is ${value}`);
      return;
    }
    const admin = /^administrator (\w+) (\[.*\]) is ("[\w-]+")$/.exec(text);
    if (admin !== null) {
      const args = JSON.parse(this.#substitute(admin[2] ?? '')) as unknown[];
      const result = this.core.administer((rooms) => {
        const method = Reflect.get(rooms, admin[1] ?? '') as (...args: unknown[]) => unknown;
        return method.apply(rooms, args);
      }, this.#time());
      if (JSON.stringify(result) !== admin[3]) throw new Error(`came: ${JSON.stringify(result)}`);
      return;
    }
    const audit = /^audit holds (\{.*\})$/.exec(text);
    if (audit !== null) {
      this.#expectAudit(JSON.parse(this.#substitute(audit[1] ?? '')) as Record<string, string>);
      return;
    }
    const place = /^the room (\w+) has a place for (\w+): (yes|no)$/.exec(text);
    if (place !== null) {
      const room = new Jid(place[1] ?? '', this.core.core.options.mucDomain);
      const jid = this.#bindings.get(`${place[2]}.jid`) ?? '';
      const hasPlace = !this.core.expectsVisitor(room, jid, this.#time());
      if (hasPlace !== (place[3] === 'yes')) throw new Error(`${hasPlace}`);
      return;
    }
    const match = /^([a-z]+) (.+)$/s.exec(text);
    if (match === null) throw new Error('step not understood');
    this.#peerStep(match[1] ?? '', match[2] ?? '');
  }

  /** Frames that `name` has got and no step has looked at. */
  inboxOf(name: string): readonly string[] {
    return this.#peer(name).inbox;
  }

  /** A record with these fields; those before it are done with. */
  #expectAudit(wanted: Readonly<Record<string, string>>): void {
    const index = this.audit.findIndex((record) =>
      Object.entries(wanted).every(([name, value]) => Reflect.get(record, name) === value),
    );
    if (index === -1) throw new Error(`no such record: ${JSON.stringify(this.audit)}`);
    this.audit.splice(0, index + 1);
  }

  #peerStep(name: string, action: string): void {
    const colon = /^(sends|receives|receives exactly): (.+)$/s.exec(action);
    const peer = this.#peer(name);
    if (colon !== null) {
      const [, verb, body = ''] = colon;
      if (verb === 'sends') this.#say(name, this.#substitute(body));
      else if (verb === 'receives') this.#expect(name, body);
      else if (this.#next(name) !== body) throw new Error('another text came');
      return;
    }
    const connect = /^connects(?: with (.+))?$/.exec(action);
    if (connect !== null) {
      this.#connect(peer, connect[1]);
      return;
    }
    const logIn = /^logs in(?: at ([\w.]+))?(?: with (.+))?$/.exec(action);
    if (logIn !== null) {
      this.#logIn(name, peer, logIn[1] ?? this.core.core.options.domain, logIn[2]);
      return;
    }
    const join = /^(joins|enters) (\w+)$/.exec(action);
    if (join !== null) {
      this.#join(name, join[2] ?? '');
      if (join[1] === 'enters') peer.inbox.length = 0;
      return;
    }
    switch (action) {
      case 'receives nothing':
        if (peer.inbox.length > 0) throw new Error(`came: ${peer.inbox[0]}`);
        return;
      case 'forgets':
        peer.inbox.length = 0;
        return;
      case 'loses the connection':
        peer.hangUp?.();
        return;
      case 'is disconnected':
        if (!peer.isClosed) throw new Error('still connected');
        return;
      case 'is connected':
        if (peer.isClosed) throw new Error('disconnected');
        return;
      case 'ignores acknowledgement requests':
        peer.answersAcks = false;
        return;
      default:
        throw new Error('step not understood');
    }
  }

  #peer(name: string): ScriptedPeer {
    const known = this.#peers.get(name);
    if (known !== undefined) return known;
    const peer = new ScriptedPeer();
    this.#peers.set(name, peer);
    return peer;
  }

  #connect(peer: ScriptedPeer, query = ''): void {
    peer.reset();
    const context: Record<string, string | boolean> = { remoteAddress: '192.0.2.1' };
    for (const part of this.#substitute(query).split(' ').filter(Boolean)) {
      const [key = '', value = ''] = part.split('=');
      context[key] = key === 'isSecure' ? value === 'true' : value;
    }
    const stream = this.core.acceptStream(
      peer,
      { remoteAddress: '192.0.2.1', ...context },
      this.#time(),
    );
    if (stream === undefined) {
      peer.close();
      return;
    }
    peer.say = (text) => this.core.handleMessage(stream, text, this.#time());
    peer.hangUp = () => this.core.handleClose(stream, this.#time());
  }

  /** The usual way in, with everything the client would keep: `.jid`, `.bare`, `.id` (nick), `.sm`. */
  #logIn(name: string, peer: ScriptedPeer, domain: string, query?: string): void {
    this.#connect(peer, query);
    for (const key of ['jid', 'sm']) this.#bindings.delete(`${name}.${key}`);
    const open = `<open ${FRAMING} to="${domain}" version="1.0"/>`;
    this.#say(name, open);
    this.#say(name, '<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>');
    this.#say(name, open);
    peer.inbox.length = 0;
    this.#say(
      name,
      '<iq xmlns="jabber:client" type="set" id="_bind_auth_2"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>',
    );
    this.#expect(
      name,
      `<iq type="result" id="_bind_auth_2"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><jid>{${name}.jid}</jid></bind></iq>`,
    );
    const jid = this.#bindings.get(`${name}.jid`) ?? '';
    this.#bindings.set(`${name}.bare`, jid.split('/')[0] ?? '');
    this.#bindings.set(`${name}.id`, jid.slice(0, 8));
    this.#say(name, '<enable xmlns="urn:xmpp:sm:3" resume="true"/>');
    this.#expect(name, `<enabled xmlns="urn:xmpp:sm:3" id="{${name}.sm}" resume="true"/>`);
  }

  #join(name: string, room: string): void {
    const to = `${room}@${this.core.core.options.mucDomain}`;
    const muc = '<x xmlns="http://jabber.org/protocol/muc"/>';
    const nick = this.#bindings.get(`${name}.id`) ?? name;
    const from = name === FOCUS ? ' from="focus@auth.meet.jitsi/focus"' : '';
    this.#say(name, `<presence xmlns="jabber:client"${from} to="${to}/${nick}">${muc}</presence>`);
  }

  #say(name: string, text: string): void {
    const { say } = this.#peer(name);
    if (say === undefined) throw new Error(`${name} is not connected`);
    say(text);
  }

  #next(name: string): string {
    const frame = this.#peer(name).inbox.shift();
    if (frame === undefined) throw new Error('nothing came');
    return frame;
  }

  #expect(name: string, pattern: string): void {
    const frame = this.#next(name);
    const difference = mismatch(
      element(this.#substituteKnown(pattern)),
      element(frame),
      this.#bindings,
    );
    if (difference !== undefined) throw new Error(`${difference}\n  came: ${frame}`);
  }

  #advance(durationMs: number): void {
    const untilMs = this.#nowMs + durationMs;
    for (;;) {
      const dueMs = this.core.nextTimeoutMs;
      if (dueMs === undefined || dueMs > untilMs) break;
      this.#nowMs = Math.max(this.#nowMs, dueMs);
      this.core.handleTimeout(this.#time());
    }
    this.#nowMs = untilMs;
  }

  #time(): { nowMs: number; wallMs: number } {
    return { nowMs: this.#nowMs, wallMs: 1_789_000_000_000 + this.#nowMs };
  }

  /** `{ben.h}` is what ben would report in an acknowledgement; everything else was kept before. */
  #value(name: string): string | undefined {
    const handled = /^(\w+)\.h$/.exec(name);
    if (handled !== null) return String(this.#peer(handled[1] ?? '').handledCount);
    return this.#bindings.get(name);
  }

  #substituteKnown(text: string): string {
    return text.replace(/\{([\w.-]+)\}/g, (whole, name: string) => this.#value(name) ?? whole);
  }

  /** In what is sent every name must be known; `{long:N}` is N characters. */
  #substitute(text: string): string {
    return text.replace(/\{(long:)?([\w.-]+)\}/g, (_, long: string | undefined, name: string) => {
      if (long !== undefined) return 'x'.repeat(Number(name));
      const value = this.#value(name);
      if (value === undefined) throw new Error(`nothing is known as {${name}}`);
      return value;
    });
  }
}
