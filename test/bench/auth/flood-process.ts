/**
 * A flood of log-ins in a process of its own: wrong passwords for names that change, as many a second as
 * told, over connections that try several times each. `node … flood-process.ts PORT CA_FILE PER_SECOND`.
 * Writes one line with the number of tries when it is told to end (standard input closes).
 */
import { readFileSync } from 'node:fs';
import { WebSocket } from 'ws';

const [port = '', caFile = '', perSecondText = ''] = process.argv.slice(2);
const ca = readFileSync(caFile);
const perSecond = Number(perSecondText);
/** Of the frames that a stream may send before it has logged in. */
const TRIES_PER_CONNECTION = 14;
const CONNECTIONS = 40;
const TICK_MS = 20;

let tries = 0;
let budget = 0;
let isOver = false;
const ready: (() => void)[] = [];

function open(): void {
  if (isOver) return;
  const socket = new WebSocket(`wss://localhost:${port}/xmpp-websocket`, 'xmpp', { ca });
  let left = TRIES_PER_CONNECTION;
  const wait = () => ready.push(attempt);
  const attempt = () => {
    if (left-- <= 0 || socket.readyState !== WebSocket.OPEN) {
      socket.terminate();
      open();
      return;
    }
    tries++;
    const data = Buffer.from(`\0name${tries}\0wrong`).toString('base64');
    socket.send(`<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">${data}</auth>`);
    wait();
  };
  socket.on('error', () => {});
  socket.on('open', () => {
    socket.send(
      '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="meet.jitsi" version="1.0"/>',
    );
    wait();
  });
}

for (let i = 0; i < CONNECTIONS; i++) open();
setInterval(() => {
  // What could not be sent is not made up for.
  budget = Math.min(budget + (perSecond * TICK_MS) / 1000, (perSecond * TICK_MS * 5) / 1000);
  while (budget >= 1) {
    const next = ready.shift();
    if (next === undefined) return;
    budget--;
    next();
  }
}, TICK_MS);

process.stdin.resume();
process.stdin.on('end', () => {
  isOver = true;
  process.stdout.write(`${tries}\n`, () => process.exit(0));
});
