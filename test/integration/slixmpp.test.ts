/** slixmpp as Debian has it, an XMPP library of another language that knows nothing of Jitsi. */
import { execFile } from 'node:child_process';
import type { Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServerProcess } from './server-process.ts';
import { startTcpGateway } from './slixmpp/tcp-gateway.ts';

const SCRIPT = fileURLToPath(new URL('slixmpp/talk.py', import.meta.url));
/** Debian's own, which has Debian's packages. */
const PYTHON = '/usr/bin/python3';
const ROOM = 'python@muc.meet.jitsi';

let server: ServerProcess;
let gateway: { port: number; server: Server };
beforeAll(async () => {
  const environment = { DISABLE_HTTPS: '1', PUBLIC_URL: 'http://localhost' };
  server = await ServerProcess.start({ environment });
  gateway = await startTcpGateway(`ws://127.0.0.1:${server.httpPort}/xmpp-websocket`);
});
afterAll(async () => {
  gateway?.server.close();
  await server?.stop();
});

test('slixmpp logs in, joins, talks and configures the room', async () => {
  const run = promisify(execFile);
  const { stdout } = await run(PYTHON, [SCRIPT, String(gateway.port), ROOM], { timeout: 60_000 });
  const told = JSON.parse(stdout) as Record<string, unknown>;
  const nick = String(told.jid).slice(0, 8);
  expect(told).toMatchObject({
    ready: 'true',
    from: `${ROOM}/${nick}`,
    roster: [nick, 'focus'].sort(),
    isLocked: true,
  });
  expect(told.fields).toEqual(
    expect.arrayContaining(['muc#roomconfig_roomsecret', 'muc#roomconfig_whois']),
  );
});
