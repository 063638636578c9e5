/**
 * A client that floods the server with stanzas, and what the others notice: the latency of chat between two
 * people, without and with the flood, in one run. `npm run bench -- flood [--json] [--messages N]`.
 * The flooder sends as fast as its socket takes it and comes back whenever it is thrown out.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ServerProcess } from '../integration/server-process.ts';
import { XmppClient } from '../integration/xmpp-client.ts';
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
/** Written before the event loop gets a turn, so that answers and closings are noticed. */
const BURST = 50;

interface Latency {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
}

const server = await ServerProcess.start({ environment: { MUC_HISTORY_LENGTH: '0' } });
endWithin(170, server.process.pid ?? 0);

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

/** Floods until `isOver`; the number of stanzas sent and of connections lost by it. */
async function flood(room: string, isOver: () => boolean) {
  let stanzas = 0;
  let connections = 0;
  while (!isOver()) {
    const eve = await enter(room);
    connections++;
    let isClosed = false;
    void eve.closed.then(() => {
      isClosed = true;
    });
    while (!isOver() && !isClosed) {
      for (let i = 0; i < BURST; i++) {
        const id = `f${stanzas++}`;
        eve.send(
          i % 2 === 0
            ? `<message xmlns="jabber:client" type="groupchat" id="${id}" to="${room}"><body>${'y'.repeat(500)}</body></message>`
            : `<presence xmlns="jabber:client" to="${room}/${eve.nick}"><status>${id}</status></presence>`,
        );
      }
      await delay(0);
    }
    eve.close();
  }
  return { stanzas, connections };
}

try {
  const ada = await enter(ROOM);
  const ben = await enter(ROOM);
  const before = await measure(ada, ben, 'before');
  let isOver = false;
  const flooding = flood(ROOM, () => isOver);
  const sameRoom = await measure(ada, ben, 'same');
  isOver = true;
  const inRoom = await flooding;
  isOver = false;
  const floodingElsewhere = flood('elsewhere@muc.meet.jitsi', () => isOver);
  const otherRoom = await measure(ada, ben, 'other');
  isOver = true;
  const elsewhere = await floodingElsewhere;
  for (const client of [ada, ben]) client.close();
  const result = {
    before,
    sameRoom: { ...sameRoom, ...inRoom },
    otherRoom: { ...otherRoom, ...elsewhere },
  };
  if (values.json) console.log(JSON.stringify(result));
  else {
    for (const [name, { p50Ms, p95Ms, maxMs, ...flooded }] of Object.entries(result)) {
      console.log(`${name}: p50 ${p50Ms} ms, p95 ${p95Ms} ms, max ${maxMs} ms`, flooded);
    }
  }
} finally {
  await server.stop();
}
