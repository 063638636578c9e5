/** Random requests never throw, never stay unanswered for ever, and leave no session behind. */
import { silentLogger } from '@conclave/base';
import { textCorpus } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { DEFAULT_XMPP_OPTIONS } from '../../options.ts';
import { seededRandom } from '../../script-runner/run-script.ts';
import { XmppCore } from '../xmpp-core.ts';

const RUNS = 100_000;
const BODY = 'xmlns="http://jabber.org/protocol/httpbind" xmlns:xmpp="urn:xmpp:xbosh"';
const PAYLOADS = [
  '',
  '<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>',
  '<iq type="set" id="b" xmlns="jabber:client"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>',
  '<iq type="get" id="p" to="meet.jitsi" xmlns="jabber:client"><ping xmlns="urn:xmpp:ping"/></iq>',
  '<presence type="unavailable" xmlns="jabber:client"/>',
  '<nonsense/>',
  'text',
];
const ATTRIBUTES = [
  '',
  '',
  'xmpp:restart="true"',
  'type="terminate"',
  'to="meet.jitsi" wait="30" hold="1"',
  'wait="x" hold="-1"',
  'type="error"',
];

test('random requests', () => {
  const random = seededRandom(20261121);
  const below = (n: number) => {
    const [a = 0, b = 0, c = 0] = random.bytes(3);
    return (a | (b << 8) | (c << 16)) % n;
  };
  const pick = (list: readonly string[]) => list[below(list.length)] ?? '';
  let nowMs = 0;
  const core = new XmppCore({ random, logger: silentLogger }, DEFAULT_XMPP_OPTIONS, {
    nowMs,
    wallMs: 0,
  });
  const sids: string[] = [];
  let rid = 1;
  let asked = 0;
  let answered = 0;
  const post = (text: string) => {
    asked++;
    let isAnswered = false;
    core.handleBoshRequest(
      text,
      { remoteAddress: '192.0.2.1' },
      (answer) => {
        expect(isAnswered).toBe(false);
        isAnswered = true;
        answered++;
        const sid = /^<body[^>]* sid="(\w+)"/.exec(answer)?.[1];
        if (sid !== undefined) {
          sids.push(sid);
          if (sids.length > 4) sids.shift();
          rid = 1;
        }
      },
      { nowMs, wallMs: 0 },
    );
  };
  const advance = (ms: number) => {
    nowMs += ms;
    while ((core.nextTimeoutMs ?? Number.POSITIVE_INFINITY) <= nowMs) {
      core.handleTimeout({ nowMs, wallMs: 0 });
    }
  };

  /** Now and then somebody does it right, so that there is something to break. */
  const logIn = () => {
    post(`<body ${BODY} rid="1" to="meet.jitsi" wait="30" hold="1"/>`);
    const sid = `sid="${sids.at(-1)}"`;
    post(`<body ${BODY} rid="2" ${sid}>${PAYLOADS[1]}</body>`);
    post(`<body ${BODY} rid="3" ${sid} xmpp:restart="true"/>`);
    post(`<body ${BODY} rid="4" ${sid}>${PAYLOADS[2]}</body>`);
    rid = 5;
  };

  for (const text of textCorpus(import.meta.url)) {
    if (sids.length === 0) logIn();
    post(text.replace('SID', sids.at(-1) ?? '').replace('RID', () => String(rid++)));
  }
  for (let i = 0; i < RUNS; i++) {
    if (below(50) === 0) logIn();
    const sid = below(4) === 0 ? '' : `sid="${pick(sids)}"`;
    const number = below(3) === 0 ? rid + below(4) - 1 : rid++;
    let text = `<body ${BODY} rid="${number}" ${sid} ${pick(ATTRIBUTES)}>${pick(PAYLOADS)}</body>`;
    if (below(4) === 0) {
      const at = below(text.length);
      text = text.slice(0, at) + String.fromCharCode(below(65_536)) + text.slice(at + below(8));
    }
    post(text);
    if (below(16) === 0) advance(below(40_000));
  }
  expect(core.core.metrics.internalErrors).toBe(0);
  expect(core.core.metrics.sessionsBound).toBeGreaterThan(10);
  for (let i = 0; i < 10; i++) advance(60_000);
  expect(answered).toBe(asked);
  expect(core.core.metrics.sessions).toBe(0);
  expect(core.core.metrics.streams).toBe(0);
});
