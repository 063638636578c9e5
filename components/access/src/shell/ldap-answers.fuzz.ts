/**
 * What a directory answers, good and bad, over a connection: a log-in ends with a verdict, and what is taken over of an entry is short
 * and clean. One odd answer to each log-in, after which the directory hangs up.
 */
import { createServer, type Server } from 'node:net';
import { silentLogger } from '@conclave/base';
import { ManualClock, SeededRandom, textCorpus } from '@conclave/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nextAnswer } from '../core/ldap-answer.ts';
import type { PasswordVerdict } from '../core/password-check.ts';
import { LdapDirectory } from './ldap-directory.ts';

const MESSAGES = 100_000;
const LOG_INS = 20_000;
const BIND_REQUEST = 0x60;
const SEARCH_REQUEST = 0x63;

interface Answer {
  readonly kind: 'bind' | 'search';
  readonly hex: string;
}

const CORPUS = textCorpus(import.meta.url).map((line): Answer => {
  const [kind, hex = ''] = line.split(' ');
  return { kind: kind === 'bind' ? 'bind' : 'search', hex };
});

const good = (kind: Answer['kind']): Answer => {
  const answer = CORPUS.find((one) => one.kind === kind);
  if (answer === undefined) throw new Error(`no ${kind}`);
  return answer;
};

let odd: Buffer | undefined;
let oddKind: Answer['kind'] = 'bind';
let server: Server;

function bytesOf({ hex }: Answer, id: string): Buffer {
  return Buffer.from(hex.replaceAll('IDIDIDID', id), 'hex');
}

beforeAll(async () => {
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (request) => {
      // A sequence of less than 128 bytes, then an integer of up to four: the requests here have no more.
      const idLength = request[3] ?? 0;
      const id = request
        .subarray(4, 4 + idLength)
        .toString('hex')
        .padStart(8, '0');
      const op = request[4 + idLength];
      const kind = op === BIND_REQUEST ? 'bind' : op === SEARCH_REQUEST ? 'search' : undefined;
      if (kind === undefined) socket.end();
      else if (kind !== oddKind || odd === undefined) socket.write(bytesOf(good(kind), id));
      else {
        const bytes = Buffer.from(odd);
        for (let mark = bytes.indexOf('IDID'); mark >= 0; mark = bytes.indexOf('IDID', mark + 4)) {
          bytes.write(id, mark, 'hex');
        }
        socket.end(bytes);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
});

/** `bytes`: what answers a request of `kind`; `IDID` in them stands for the number of the request. */
async function logIn(kind: Answer['kind'], bytes: Buffer, method: 'bind' | 'custom') {
  odd = bytes;
  oddKind = kind;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  const clock = new ManualClock();
  const directory = new LdapDirectory(
    { clock, timers: clock, logger: silentLogger },
    {
      urls: [`ldap://127.0.0.1:${address.port}`],
      base: 'dc=example,dc=org',
      bindDn: 'cn=conclave,dc=example,dc=org',
      bindPassword: 'x',
      filter: '(uid=%u)',
      method,
      startTls: false,
      tls: { checkPeer: true, ciphers: undefined, authorities: undefined },
      moderatorGroups: [],
      moderatorFilter: '',
      realm: 'example.org',
      timeoutMs: 1_000,
      maxConnections: 1,
    },
  );
  try {
    const verdict = await directory.verifyPassword('ada', 'secret');
    check(verdict);
    return verdict.type;
  } finally {
    directory.close();
  }
}

function check(verdict: PasswordVerdict): void {
  if (verdict.type === 'unavailable') expect(verdict.reason.length).toBeLessThan(1_000);
  if (verdict.type !== 'accepted') return;
  for (const text of [verdict.account, ...Object.values(verdict.user ?? {})]) {
    expect(String(text)).toMatch(/^[^\p{Cc}\p{Cs}]{1,256}$/u);
  }
}

/** `IDIDIDID` in hexadecimal becomes four bytes that the server finds again. */
const withMark = (hex: string): Buffer =>
  Buffer.from(hex.replaceAll('IDIDIDID', Buffer.from('IDID').toString('hex')), 'hex');

test('the corpus', async () => {
  expect(await logIn('search', withMark(good('search').hex), 'custom')).toBe('accepted');
  for (const { kind, hex } of CORPUS) {
    for (const method of ['bind', 'custom'] as const) await logIn(kind, withMark(hex), method);
  }
});

function mutated(hex: string, random: SeededRandom): Buffer {
  const bytes = withMark(hex);
  for (let edits = random.integer(0, 3); edits > 0 && bytes.length > 0; edits--) {
    bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255);
  }
  return random.integer(0, 9) > 0 ? bytes : bytes.subarray(0, random.integer(0, bytes.length));
}

test(`${MESSAGES} mutated messages: what is found whole is whole however it arrives`, () => {
  const random = new SeededRandom(8825);
  const found = { whole: 0, incomplete: 0, malformed: 0 };
  for (let i = 0; i < MESSAGES; i++) {
    const { hex } = CORPUS[i % CORPUS.length] ?? good('bind');
    const bytes = i < CORPUS.length ? withMark(hex) : mutated(hex, random);
    const answer = nextAnswer(bytes);
    found[answer.type]++;
    if (answer.type !== 'whole') continue;
    expect(answer.length).toBeLessThanOrEqual(bytes.length);
    expect(nextAnswer(bytes.subarray(0, answer.length))).toEqual(answer);
    expect(nextAnswer(bytes.subarray(0, answer.length - 1)).type).toBe('incomplete');
  }
  for (const count of Object.values(found)) expect(count).toBeGreaterThan(MESSAGES / 100);
});

test(`${LOG_INS} log-ins, an answer mutated in each`, async () => {
  const random = new SeededRandom(4511);
  const ends = { accepted: 0, refused: 0, unavailable: 0 };
  for (let i = 0; i < LOG_INS; i++) {
    const { kind, hex } = CORPUS[random.integer(0, CORPUS.length - 1)] ?? good('bind');
    ends[await logIn(kind, mutated(hex, random), i % 2 === 0 ? 'bind' : 'custom')]++;
  }
  for (const count of Object.values(ends)) expect(count).toBeGreaterThan(LOG_INS / 100);
});
