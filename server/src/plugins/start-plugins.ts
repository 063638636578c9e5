/** Loads the plugins that the settings name, in their order, and sets them up. */
import type { Clock, Logger, Timers } from '@conclave/base';
import { xml } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';
import { JOIN_ORDER, type MucHooks, type RoomKind, type XmppServer } from '@conclave/xmpp-server';
import { StartError } from '../errors.ts';
import type { Settings } from '../settings/index.ts';
import { findModule } from './find-module.ts';
import { guardHooks, isPromise } from './guarded-hooks.ts';
import { importModule } from './import-module.ts';
import type { Plugin, PluginContext } from './plugin-api.ts';
import { equivalentOf } from './prosody-modules.ts';

export interface PluginDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly xmpp: Pick<XmppServer, 'administer' | 'attachComponent' | 'hooksOf'>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface Plugins {
  /** Handlers that threw since the start, by plugin. */
  readonly failures: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

interface PluginModule {
  readonly plugin?: Partial<Plugin>;
}

/** In the order of loading. */
const VARIABLES = [
  ['XMPP_MODULES', ['conference', 'breakout', 'lobby']],
  ['XMPP_MUC_MODULES', ['conference']],
  ['XMPP_BREAKOUT_MUC_MODULES', ['breakout']],
  ['XMPP_LOBBY_MUC_MODULES', ['lobby']],
] as const satisfies readonly (readonly [keyof Settings, readonly RoomKind[]])[];

/** Failures of one plugin that are logged; the rest are counted. */
const MAX_LOGGED = 100;
/** A plugin that takes longer does not come up. */
const SET_UP_TIMEOUT_MS = 30_000;
/** The end of the server does not wait longer for it. */
const CLOSE_TIMEOUT_MS = 5_000;

/** `folder` holds the plugins. Throws StartError for a name that is unknown or a plugin that fails; those before it are closed then. */
export async function startPlugins(
  deps: PluginDependencies,
  settings: Settings,
  folder: string,
): Promise<Plugins> {
  const failures = new Map<string, number>();
  const running: Plugin[] = [];
  const close = async (): Promise<void> => {
    for (const plugin of running.splice(0).reverse()) {
      try {
        await within(deps.timers, CLOSE_TIMEOUT_MS, 'close', plugin.close?.());
      } catch (error) {
        deps.logger.error('plugins.close.failed', { error });
      }
    }
  };
  try {
    for (const [variable, kinds] of VARIABLES) {
      for (const name of settings[variable]) {
        const path = findModule(folder, name);
        if (path === undefined) {
          reportMissing(deps.logger, variable, name, folder);
          continue;
        }
        const plugin = await load(variable, name, path);
        const hooks = kinds.flatMap((kind) => deps.xmpp.hooksOf(kind) ?? []);
        const context = createContext(deps, settings, name, hooks, failures);
        await setUp(deps.timers, plugin, context, variable);
        running.push(plugin);
        deps.logger.info('plugins.loaded', { name, variable, path });
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { failures, close };
}

function reportMissing(logger: Logger, variable: string, name: string, folder: string): void {
  const equivalent = equivalentOf(name);
  if (equivalent !== undefined) {
    const message = `${name} is a module of Prosody, which ${equivalent}. Remove it from ${variable}.`;
    logger.warn('plugins.prosody', { name, variable, message });
    return;
  }
  throw new StartError(
    'PLUGIN_NOT_FOUND',
    `${variable} names "${name}", but there is no ${name}.mjs, .js or .ts and no package of that name in ${folder}, ` +
      'and it is no module of Prosody that has an equivalent here. Put it there, or remove the name (docs/plugins.md).',
  );
}

async function load(variable: string, name: string, path: string): Promise<Plugin> {
  let exported: unknown;
  try {
    exported = await importModule(path);
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw failed(variable, name, 'cannot be loaded', error);
  }
  const module = exported as PluginModule & { readonly default?: PluginModule };
  // CommonJS comes as the default export.
  const plugin = module.plugin ?? module.default?.plugin;
  if (typeof plugin?.setUp === 'function') return plugin as Plugin;
  const reason = new Error('it does not export `plugin` with a function setUp');
  throw failed(variable, name, 'is no plugin', reason);
}

async function setUp(
  timers: Timers,
  plugin: Plugin,
  context: PluginContext,
  variable: string,
): Promise<void> {
  try {
    await within(timers, SET_UP_TIMEOUT_MS, 'setUp', plugin.setUp(context));
  } catch (error) {
    throw failed(variable, context.name, 'cannot be set up', error);
  }
}

/** Rejects when `work` does, or takes too long. */
async function within(
  timers: Timers,
  timeoutMs: number,
  what: string,
  work: void | Promise<void>,
): Promise<void> {
  let timer: { cancel(): void } | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = timers.schedule(timeoutMs, () =>
      reject(new Error(`${what} took longer than ${timeoutMs / 1000} s`)),
    );
  });
  try {
    await Promise.race([work, late]);
  } finally {
    timer?.cancel();
  }
}

function failed(variable: string, name: string, what: string, error: unknown): StartError {
  const reason = error instanceof Error ? error.message : String(error);
  return new StartError(
    'PLUGIN_FAILED',
    `the plugin ${name} of ${variable} ${what}: ${reason}. Correct it, or remove the name.`,
    { cause: error },
  );
}

function createContext(
  deps: PluginDependencies,
  settings: Settings,
  name: string,
  hooks: readonly MucHooks[],
  failures: Map<string, number>,
): PluginContext {
  const logger = deps.logger.child({ plugin: name });
  const onFailure = (hook: string, error: unknown) => {
    const count = (failures.get(name) ?? 0) + 1;
    failures.set(name, count);
    if (count <= MAX_LOGGED) logger.error('plugins.handler.failed', { hook, error });
  };
  // Where nothing is waited for, a function may be async all the same.
  const guarded = (what: string, run: () => unknown) => () => {
    const failed = (error: unknown) => onFailure(what, error);
    try {
      const result = run();
      if (isPromise(result)) result.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  };
  return {
    apiVersion: 1,
    name,
    logger,
    hooks: guardHooks(hooks, onFailure),
    xml,
    NS,
    JOIN_ORDER,
    environment: (variable) => deps.environment[variable],
    wallMs: () => deps.clock.wallMs(),
    schedule: (delayMs, run) => deps.timers.schedule(delayMs, guarded('schedule', run)),
    administer: (act) => {
      deps.xmpp.administer((rooms) => guarded('administer', () => act(rooms))());
    },
    addEntity: (label, onStanza) => {
      const address = `${label}.${settings.XMPP_DOMAIN}`;
      const port = deps.xmpp.attachComponent([address], (stanza) =>
        guarded('addEntity', () => onStanza(stanza))(),
      );
      return { address, send: (stanza) => port.send(stanza) };
    },
  };
}
