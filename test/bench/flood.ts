/**
 * A client that floods the server with stanzas, and what the others notice: the latency of chat between two
 * people, without and with floods of several kinds, in one run. `npm run bench -- flood [--json] [--messages N]`.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ServerProcess } from '../integration/server-process.ts';
import { XmppClient } from '../integration/xmpp-client.ts';
import {
  chat,
  type FloodCount,
  floodBosh,
  floodWebSocket,
  iq,
  type MakeStanza,
  presence,
} from './flood/flooder.ts';
import { endWithin } from './run/deadline.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    messages: { type: 'string', default: '200' },
  },
});
const messageCount = Number(values.messages);
const ROOM = 'flooded@muc.meet.jitsi';
/** Below the pace at which the server takes messages of one client. */
const INTERVAL_MS = 100;

interface Latency {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
}

const server = await ServerProcess.start({
  environment: { MUC_HISTORY_LENGTH: '0', ENABLE_HTTP_REDIRECT: '0' },
});
endWithin(400, server.process.pid ?? 0);

async function enter(room: string): Promise<XmppClient> {
  const client = await XmppClient.connect(server);
  await client.login();
  await client.join(room);
  return client;
}

/** From sending until the other one has it. */
async function measure(from: XmppClient, to: XmppClient, label: string): Promise<Latency> {
  const sentMs = new Map<string, number>();
  const latencies: number[] = [];
  to.onElement = (element) => {
    const sent = sentMs.get(element.attribute('id') ?? '');
    if (sent !== undefined && element.name === 'message') latencies.push(performance.now() - sent);
  };
  for (let i = 0; i < messageCount; i++) {
    const id = `${label}-${i}`;
    sentMs.set(id, performance.now());
    from.send(
      `<message xmlns="jabber:client" type="groupchat" id="${id}" to="${ROOM}"><body>x</body></message>`,
    );
    await delay(INTERVAL_MS);
  }
  for (let waitedMs = 0; latencies.length < messageCount && waitedMs < 10_000; waitedMs += 50) {
    await delay(50);
  }
  to.onElement = () => {};
  if (latencies.length < messageCount) {
    throw new Error(`${messageCount - latencies.length} messages did not arrive`);
  }
  latencies.sort((a, b) => a - b);
  const at = (share: number) => {
    const value = latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))];
    return Math.round((value ?? 0) * 10) / 10;
  };
  return { p50Ms: at(0.5), p95Ms: at(0.95), maxMs: at(1) };
}

const elsewhere = 'elsewhere@muc.meet.jitsi';
const mixed: MakeStanza = (n, ...rest) => (n % 2 === 0 ? chat : presence)(n, ...rest);

type Flood = (isOver: () => boolean) => Promise<FloodCount>;

const FLOODS: Readonly<Record<string, Flood>> = {
  sameRoom: (isOver) => floodWebSocket({ server, room: ROOM }, mixed, isOver),
  otherRoom: (isOver) => floodWebSocket({ server, room: elsewhere }, mixed, isOver),
  presence: (isOver) => floodWebSocket({ server, room: ROOM }, presence, isOver),
  iq: (isOver) => floodWebSocket({ server, room: ROOM }, iq, isOver),
  bosh: (isOver) => floodBosh({ server, room: ROOM }, mixed, isOver),
};

try {
  const ada = await enter(ROOM);
  const ben = await enter(ROOM);
  const result: Record<string, Latency & Partial<FloodCount>> = {
    before: await measure(ada, ben, 'before'),
  };
  let [from, to] = [ada, ben];
  for (const [name, flood] of Object.entries(FLOODS)) {
    let isOver = false;
    const flooding = flood(() => isOver);
    // When the measurement fails first, that is what is told.
    flooding.catch(() => {});
    // In turns: who says nothing for a minute is taken to be gone.
    [from, to] = [to, from];
    const latency = await measure(from, to, name);
    isOver = true;
    result[name] = { ...latency, ...(await flooding) };
  }
  for (const client of [ada, ben]) client.close();
  if (values.json) console.log(JSON.stringify(result));
  else {
    for (const [name, { p50Ms, p95Ms, maxMs, ...flooded }] of Object.entries(result)) {
      console.log(`${name}: p50 ${p50Ms} ms, p95 ${p95Ms} ms, max ${maxMs} ms`, flooded);
    }
  }
} catch (error) {
  console.error(server.stderr.slice(-4_000));
  throw error;
} finally {
  await server.stop();
}
