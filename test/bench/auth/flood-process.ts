/**
 * A flood of log-ins in a process of its own: wrong passwords for names that change, as many a second as
 * told, over connections that try several times each. `node … flood-process.ts PORT CA_FILE PER_SECOND`.
 * Writes a line when all connections are open; after any line on standard input it floods, and when that closes it
 * writes `TRIES ANSWERS SECONDS`.
 */
import { readFileSync } from 'node:fs';
import { WebSocket } from 'ws';

const [port = '', caFile = '', perSecondText = ''] = process.argv.slice(2);
const ca = readFileSync(caFile);
const perSecond = Number(perSecondText);
/** Of the frames that a stream may send before it has logged in. */
const TRIES_PER_CONNECTION = 14;
const CONNECTIONS = 200;
const TICK_MS = 20;

let tries = 0;
let answers = 0;
let budget = 0;
let isOver = false;
let startMs: number | undefined;
let lastTickMs = 0;
/** Each makes one try, or is replaced when it has none left. */
const ready: (() => boolean)[] = [];

function open(): void {
  if (isOver) return;
  const socket = new WebSocket(`wss://localhost:${port}/xmpp-websocket`, 'xmpp', { ca });
  let left = TRIES_PER_CONNECTION;
  const attempt = () => {
    if (left-- <= 0 || socket.readyState !== WebSocket.OPEN) {
      socket.terminate();
      open();
      return false;
    }
    tries++;
    const data = Buffer.from(`\0name${tries}\0wrong`).toString('base64');
    socket.send(`<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">${data}</auth>`);
    return true;
  };
  socket.on('error', () => {});
  socket.on('open', () => {
    socket.send(
      '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="meet.jitsi" version="1.0"/>',
    );
  });
  socket.on('message', (data) => {
    const text = String(data);
    if (text.startsWith('<failure')) answers++;
    // One try at a time, as SASL wants it.
    if (/^<failure|features/.test(text)) ready.push(attempt);
    if (startMs === undefined && ready.length === CONNECTIONS) process.stdout.write('ready\n');
  });
}

function tick(): void {
  // What could not be sent in time is made up for, up to a second's worth.
  const nowMs = performance.now();
  budget = Math.min(budget + (perSecond * (nowMs - lastTickMs)) / 1000, perSecond);
  lastTickMs = nowMs;
  while (budget >= 1) {
    const next = ready.shift();
    if (next === undefined) return;
    if (next()) budget--;
  }
}

for (let i = 0; i < CONNECTIONS; i++) open();

process.stdin.once('data', () => {
  startMs = performance.now();
  lastTickMs = startMs;
  setInterval(tick, TICK_MS);
});
process.stdin.on('end', () => {
  isOver = true;
  const seconds = (performance.now() - (startMs ?? 0)) / 1000;
  process.stdout.write(`${tries} ${answers} ${seconds}\n`, () => process.exit(0));
});
