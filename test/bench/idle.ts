/**
 * Resident memory of the server process: idle after the start, and with ten people in one call who
 * all send three simulcast layers and receive everyone. `npm run bench -- idle [--json] [--seconds N]`.
 * The participants are synthetic and live in this process; only the server's memory counts.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { waitUntil } from '@conclave/testkit';
import { ServerProcess } from '../integration/server-process.ts';
import { endWithin } from './run/deadline.ts';
import { SyntheticParticipant } from './synthetic-call/participant.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '20' },
    participants: { type: 'string', default: '10' },
  },
});
const callSeconds = Number(values.seconds);
const participantCount = Number(values.participants);
const IDLE_SECONDS = 5;
const ROOM = 'bench@muc.meet.jitsi';
const MB = 1024 * 1024;

/** The highest of samples over some seconds. */
async function peakRssMb(server: ServerProcess, seconds: number): Promise<number> {
  let peak = 0;
  for (let i = 0; i < seconds * 4; i++) {
    await delay(250);
    peak = Math.max(peak, server.residentBytes);
  }
  return Math.round((peak / MB) * 10) / 10;
}

const server = await ServerProcess.start();
endWithin(170, server.process.pid ?? 0);
const participants: SyntheticParticipant[] = [];
try {
  const idleRssMb = await peakRssMb(server, IDLE_SECONDS);
  for (let i = 0; i < participantCount; i++) {
    participants.push(await SyntheticParticipant.join(server, ROOM));
  }
  await waitUntil('everybody to be connected', () => participants.every((p) => p.isConnected));
  const before = participants.map((p) => p.receivedVideoPackets);
  const call10RssMb = await peakRssMb(server, callSeconds);
  const received = participants.map((p, i) => p.receivedVideoPackets - (before[i] ?? 0));
  const slowest = Math.min(...received) / callSeconds;
  // Each gets at least the lowest layer of everyone else: some 30 packets a second and sender.
  if (slowest < 20 * (participantCount - 1)) {
    throw new Error(`the call did not flow: ${slowest} video packets a second at one participant`);
  }
  const result = { idleRssMb, call10RssMb };
  if (values.json) console.log(JSON.stringify(result));
  else {
    console.log(`idle: ${idleRssMb} MB`);
    console.log(`${participantCount} people in a call: ${call10RssMb} MB`);
    console.log(`video packets a second at the slowest participant: ${Math.round(slowest)}`);
  }
} finally {
  for (const participant of participants) participant.close();
  await server.stop();
}
