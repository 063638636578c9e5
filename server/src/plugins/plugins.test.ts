import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Logger, silentLogger } from '@conclave/base';
import { xml } from '@conclave/protocols/xml';
import { Jid } from '@conclave/protocols/xmpp';
import { ManualClock } from '@conclave/testkit';
import { type Hook, MucHooks, Room } from '@conclave/xmpp-server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readSettings } from '../settings/index.ts';
import { guardHooks } from './guarded-hooks.ts';
import { equivalentOf } from './prosody-modules.ts';
import { startPlugins } from './start-plugins.ts';

const EXAMPLE = fileURLToPath(new URL('../../../docs/examples/known-rooms.mjs', import.meta.url));

let folder = '';
let conference = new MucHooks();
let breakout = new MucHooks();
let clock = new ManualClock();
let logged: { event: string; fields: Record<string, unknown> }[] = [];
const log = (event: string, fields: Record<string, unknown> = {}) => logged.push({ event, fields });
const logger: Logger = {
  ...silentLogger,
  info: log,
  warn: log,
  error: log,
  child: () => logger,
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conclave-plugins-'));
  conference = new MucHooks();
  breakout = new MucHooks();
  clock = new ManualClock();
  logged = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function start(variables: Record<string, string>) {
  const read = readSettings(variables);
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return startPlugins(
    {
      clock,
      timers: clock,
      logger,
      environment: variables,
      xmpp: {
        administer: () => undefined,
        attachComponent: () => ({ send() {} }),
        hooksOf: (kind) =>
          kind === 'lobby' ? undefined : kind === 'conference' ? conference : breakout,
      },
    },
    read.settings,
    folder,
  );
}

function write(name: string, code: string): void {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), code);
}

const joinEvent = (room: string) =>
  ({
    room: new Room(new Jid(room, 'muc.x'), 'm', 0),
    attempt: { sender: { isComponent: room === 'of-the-focus' } },
    affiliation: 'none',
  }) as unknown as Parameters<MucHooks['preJoin']['run']>[0];

describe('the example of the documents', () => {
  test('keeps people out of rooms that are not on its list', async () => {
    copyFileSync(EXAMPLE, join(folder, 'known-rooms.mjs'));
    await start({ XMPP_MUC_MODULES: 'known-rooms', PLUGIN_KNOWN_ROOMS: 'daily,weekly' });
    expect(conference.preJoin.run(joinEvent('daily'))).toBeUndefined();
    expect(conference.preJoin.run(joinEvent('other'))).toMatchObject({
      type: 'refuse',
      error: { condition: 'not-allowed' },
    });
    // The focus is let in everywhere.
    expect(conference.preJoin.run(joinEvent('of-the-focus'))).toBeUndefined();
    // Named for conferences only.
    expect(breakout.preJoin.isEmpty).toBe(true);
    expect(logged.map(({ event }) => event)).toContain('plugins.loaded');
  });
});

describe('finding', () => {
  const CODE =
    'export const plugin = { setUp({ logger, name }) { logger.info("set up", { name }); } };';
  const setUps = () =>
    logged.filter(({ event }) => event === 'set up').map(({ fields }) => fields.name);

  test('files, folders and packages, in the order that the settings declare', async () => {
    write('b.mjs', CODE);
    write('c/index.mjs', CODE);
    write('node_modules/d/package.json', '{"name":"d","main":"m.cjs"}');
    write('node_modules/d/m.cjs', 'exports.plugin = { setUp(c) { c.logger.info("set up", c); } };');
    write('node_modules/@e/f/index.mjs', CODE);
    await start({ XMPP_MUC_MODULES: 'b.mjs,c', XMPP_MODULES: 'd,@e/f,b' });
    expect(setUps()).toEqual(['d', '@e/f', 'b', 'b.mjs', 'c']);
  });

  test('TypeScript, which is compiled', async () => {
    write('types.ts', `export const x: number = 1; interface A { a: string }\n${CODE}`);
    await start({ XMPP_MODULES: 'types' });
    expect(setUps()).toEqual(['types']);
  });

  test.each(['../outside', '/etc/passwd', 'a/../../b', '.hidden', 'x%00'])(
    '%s never leads out of the folder',
    async (name) => {
      writeFileSync(join(folder, '..', 'outside.mjs'), CODE);
      await expect(start({ XMPP_MODULES: name })).rejects.toMatchObject({
        code: 'PLUGIN_NOT_FOUND',
      });
      rmSync(join(folder, '..', 'outside.mjs'));
    },
  );

  test('an unknown name ends the start and says where it was looked for', async () => {
    await expect(start({ XMPP_LOBBY_MUC_MODULES: 'nothing' })).rejects.toThrow(
      new RegExp(`XMPP_LOBBY_MUC_MODULES names "nothing".*${folder}`),
    );
  });

  test('a module of Prosody is reported with what does its work here', async () => {
    await start({ XMPP_MUC_MODULES: 'muc_census,mod_polls' });
    expect(logged.map(({ fields }) => fields.message)).toEqual([
      expect.stringMatching(/muc_census is a module of Prosody, which .*admin API/),
      expect.stringMatching(/mod_polls is a module of Prosody, which is built in/),
    ]);
    expect(equivalentOf('constructor')).toBeUndefined();
  });

  test.each([
    ['throws', 'throw new Error("oh")', /cannot be loaded: oh/],
    ['syntax', 'export const plugin = {', /cannot be loaded/],
    ['empty', 'export const a = 1', /does not export/],
    [
      'setup',
      'export const plugin = { setUp() { throw new Error("no") } }',
      /cannot be set up: no/,
    ],
    ['async', 'export const plugin = { async setUp() { throw new Error("no") } }', /set up: no/],
  ])('one that %s ends the start and is named', async (name, code, message) => {
    write(`${name}.mjs`, code);
    await expect(start({ XMPP_MODULES: name })).rejects.toThrow(message);
    await expect(start({ XMPP_MODULES: name })).rejects.toThrow(new RegExp(`plugin ${name} of`));
  });

  test('all are closed, in the opposite order, also when one fails at it', async () => {
    for (const name of ['one', 'two']) {
      write(
        `${name}.mjs`,
        `let log; export const plugin = { setUp(c) { log = c.logger; }, close() { log.info("${name} closed"); throw 1; } };`,
      );
    }
    const plugins = await start({ XMPP_MODULES: 'one,two' });
    logged = [];
    await plugins.close();
    expect(logged.map(({ event }) => event)).toEqual([
      'two closed',
      'plugins.close.failed',
      'one closed',
      'plugins.close.failed',
    ]);
  });
});

describe('closing', () => {
  const code = (name: string, close: string) =>
    `let log; export const plugin = { setUp(c) { log = c.logger; }, close() { log.info("${name} closed"); ${close} } };`;

  test.each([
    ['cannot be set up', 'PLUGIN_FAILED'],
    ['is not there', 'PLUGIN_NOT_FOUND'],
  ])('when one %s, those before it are closed', async (what, errorCode) => {
    write('one.mjs', code('one', ''));
    write('two.mjs', code('two', ''));
    if (errorCode === 'PLUGIN_FAILED') {
      write('bad.mjs', 'export const plugin = { setUp() { throw new Error("no"); } };');
    }
    const started = start({ XMPP_MODULES: 'one,two', XMPP_MUC_MODULES: 'bad,three' });
    await expect(started, what).rejects.toMatchObject({ code: errorCode });
    const closed = logged.map(({ event }) => event).filter((event) => event.endsWith('closed'));
    expect(closed).toEqual(['two closed', 'one closed']);
  });

  test('one that does not come to an end is not waited for', async () => {
    write('slow.mjs', code('slow', 'return new Promise(() => {});'));
    write('one.mjs', code('one', ''));
    const plugins = await start({ XMPP_MODULES: 'one,slow' });
    const closed = plugins.close();
    clock.advance(5_000);
    await closed;
    expect(logged.map(({ event }) => event).slice(-3)).toEqual([
      'slow closed',
      'plugins.close.failed',
      'one closed',
    ]);
  });
});

describe('a handler that throws', () => {
  const HOOKS = Object.keys(new MucHooks());
  const run = (name: string) =>
    (Reflect.get(conference, name) as Hook<unknown, unknown>).run(joinEvent('daily'));

  test.each(HOOKS)('in %s is logged and harms nobody', (name) => {
    const failures: string[] = [];
    const guarded = guardHooks([conference], (hook) => failures.push(hook));
    const add = Reflect.get(guarded, name) as Pick<Hook<unknown, unknown>, 'add'>;
    let later = 0;
    add.add(1, () => {
      throw new Error('broken');
    });
    add.add(2, () => {
      later++;
      return undefined;
    });
    const answer = run(name);
    expect(failures).toEqual([name]);
    if (name === 'preJoin') {
      // A gate that broke does not let people pass.
      expect(answer).toMatchObject({ type: 'refuse' });
    } else {
      expect(answer).toBeUndefined();
      expect(later).toBe(1);
    }
  });

  test('or that is async is one that failed, whatever becomes of it', async () => {
    const failures: unknown[] = [];
    const guarded = guardHooks([conference], (hook, error) => failures.push([hook, `${error}`]));
    guarded.preMessage.add(1, (async () => {
      throw new Error('late');
    }) as never);
    guarded.preMessage.add(2, (async () => 'drop') as never);
    expect(run('preMessage')).toBeUndefined();
    await new Promise((resolve) => setImmediate(resolve));
    expect(failures).toEqual([
      ['preMessage', expect.stringMatching(/late/)],
      ['preMessage', expect.stringMatching(/must be synchronous/)],
    ]);
  });

  test('in a function that nobody waits for may be async, and is logged all the same', async () => {
    write(
      'late.mjs',
      'export const plugin = { setUp(c) { c.schedule(0, async () => { throw new Error("late"); }); } };',
    );
    const plugins = await start({ XMPP_MODULES: 'late' });
    clock.advance(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(plugins.failures.get('late')).toBe(1);
    expect(logged.at(-1)?.fields.hook).toBe('schedule');
  });

  test('for iqs to a room answers with an error', () => {
    const guarded = guardHooks([conference], () => {});
    guarded.onRoomIq('urn:x', () => {
      throw new Error('broken');
    });
    const room = new Room(new Jid('daily', 'muc.x'), 'm', 0);
    const payload = xml('q', 'urn:x');
    const iq = { room, occupant: undefined, stanza: payload, payload };
    expect(conference.answerRoomIq(iq)).toEqual({ condition: 'internal-server-error' });
  });

  test('is logged a hundred times at most, and counted', async () => {
    write(
      'bad.mjs',
      'export const plugin = { setUp({ hooks }) { hooks.roomCreated.add(1, () => { throw new Error("x"); }); } };',
    );
    const plugins = await start({ XMPP_MODULES: 'bad' });
    for (let i = 0; i < 150; i++) run('roomCreated');
    expect(plugins.failures.get('bad')).toBe(150);
    expect(logged.filter(({ event }) => event === 'plugins.handler.failed')).toHaveLength(100);
  });
});
