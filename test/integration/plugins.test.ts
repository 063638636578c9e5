/** Plugins in a running server: the example of the documents, and one that throws wherever it can. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ServerProcess } from './server-process.ts';
import { XmppClient } from './xmpp-client.ts';

const EXAMPLE = fileURLToPath(new URL('../../docs/examples/known-rooms.mjs', import.meta.url));

/** Throws in each hook that it is given, in rooms called `boom` and wherever no room is named. */
const THROWER = `
export const plugin = {
  setUp({ hooks, schedule, administer, addEntity }) {
    const fail = (name) => (event) => {
      const room = event.room ?? event.attempt?.to ?? event.to ?? event;
      const node: string = (room.jid ?? room).node ?? '';
      if (name === 'preJoin' && node !== 'gate') return undefined;
      if (node === 'boom' || node === 'gate') throw new Error('from ' + name);
      return undefined;
    };
    for (const [name, hook] of Object.entries(hooks)) {
      if (name !== 'onRoomIq') hook.add(0, fail(name));
    }
    schedule(1, () => { throw new Error('from schedule'); });
    administer(() => { throw new Error('from administer'); });
    addEntity('boom', () => { throw new Error('from an entity'); });
  },
};`;

let config = '';
let server: ServerProcess | undefined;
beforeEach(() => {
  config = mkdtempSync(join(tmpdir(), 'conclave-config-'));
  mkdirSync(join(config, 'plugins'));
});
afterEach(async () => {
  await server?.stop();
  rmSync(config, { recursive: true, force: true });
});

async function enter(room: string): Promise<[XmppClient, string]> {
  const client = await XmppClient.connect(server!);
  await client.login();
  return [client, `${await client.join(`${room}@muc.meet.jitsi`)}`];
}

test('the example of the documents keeps rooms to its list, and greets', async () => {
  copyFileSync(EXAMPLE, join(config, 'plugins/known-rooms.mjs'));
  server = await ServerProcess.start({
    config,
    // Settings of a plugin may be in the file too.
    envFile: 'XMPP_MUC_MODULES=muc_census,known-rooms\nPLUGIN_KNOWN_ROOMS=daily\n',
  });
  const [ada, admitted] = await enter('daily');
  expect(admitted).toContain('status code="110"');
  await ada.take('the greeting', (e) => e.child('body')?.text === 'Welcome to daily');
  const [eve, refused] = await enter('other');
  expect(refused).toContain('This room is unknown');
  expect(server.stderr).toContain('muc_census is a module of Prosody');
  expect(server.stderr).not.toContain('is not a setting');
  ada.close();
  eve.close();
});

test('one in TypeScript that throws in every hook takes nobody else down', async () => {
  writeFileSync(join(config, 'plugins/thrower.ts'), THROWER);
  server = await ServerProcess.start({ config, environment: { XMPP_MODULES: 'thrower' } });
  const [ben] = await enter('daily');
  // In the room it breaks, people are let in and heard all the same …
  const [ada, admitted] = await enter('boom');
  expect(admitted).toContain('status code="110"');
  const [eve] = await enter('boom');
  ada.send(
    '<message xmlns="jabber:client" type="groupchat" to="boom@muc.meet.jitsi"><body>still here</body></message>',
  );
  await eve.take('the message', (e) => e.child('body')?.text === 'still here');
  // … except behind its gate, which refuses.
  const [gus, refused] = await enter('gate');
  expect(refused).toContain('internal-server-error');
  ada.send('<message xmlns="jabber:client" to="boom.meet.jitsi"><body>x</body></message>');
  ada.close();
  eve.close();
  // Other rooms are as if there were no plugin.
  const [fay] = await enter('daily');
  ben.send(
    '<message xmlns="jabber:client" type="groupchat" to="daily@muc.meet.jitsi"><body>hello</body></message>',
  );
  await fay.take('the message', (e) => e.child('body')?.text === 'hello');
  for (const hook of ['preJoin', 'occupantJoined', 'preMessage', 'schedule', 'administer']) {
    expect(server.stderr).toContain(`from ${hook}`);
  }
  expect(server.stderr).toContain('from an entity');
  expect(server.isRunning).toBe(true);
  for (const client of [ben, fay, gus]) client.close();
});

test('an unknown name ends the start with a sentence', async () => {
  server = await ServerProcess.launch({ config, environment: { XMPP_MUC_MODULES: 'mystery' } });
  expect((await server.exited).code).toBe(1);
  expect(server.stderr).toMatch(/XMPP_MUC_MODULES names "mystery", but there is no mystery\.mjs/);
});
