/**
 * What a plugin is written against (docs/plugins.md). Types only: a plugin needs nothing of this server
 * at run time but the context it is given.
 */
import type { Logger } from '@conclave/base';
import type { XmlElement, xml } from '@conclave/protocols/xml';
import type { NS } from '@conclave/protocols/xmpp';
import type { Administration, JOIN_ORDER, MucHooks } from '@conclave/xmpp-server';

/** The export `plugin` of a plugin's module. */
export interface Plugin {
  /** Called once at the start, before anybody is let in. What it throws ends the start. */
  setUp(context: PluginContext): void | Promise<void>;
  /** Called once at the end. */
  close?(): void | Promise<void>;
}

type HookName = {
  [K in keyof MucHooks]: MucHooks[K] extends { add(priority: number, handle: never): void }
    ? K
    : never;
}[keyof MucHooks];

/** The same points as the built-in features use, with the same order of priorities. */
export type PluginHooks = {
  readonly [K in HookName]: Pick<MucHooks[K], 'add'>;
} & Pick<MucHooks, 'onRoomIq'>;

export interface PluginContext {
  /** Rises when a plugin that worked would no longer. */
  readonly apiVersion: 1;
  /** As the setting names it. */
  readonly name: string;
  readonly logger: Logger;
  /**
   * Of the rooms that the setting stands for. Handlers are synchronous. One that throws is logged and
   * counts as one without an opinion, except in `preJoin`, where the person is refused.
   */
  readonly hooks: PluginHooks;
  /** Builds elements; `NS` names their namespaces. */
  readonly xml: typeof xml;
  readonly NS: typeof NS;
  readonly JOIN_ORDER: typeof JOIN_ORDER;
  /** A setting of the plugin's own: an environment variable. */
  environment(name: string): string | undefined;
  /** Unix time, ms. */
  wallMs(): number;
  /** What `run` throws is logged. */
  schedule(delayMs: number, run: () => void): { cancel(): void };
  /** Looks at rooms and acts in them, once the server has finished what it is doing. */
  administer(act: (rooms: Administration) => void): void;
  /** An entity of the plugin's own at `label.XMPP_DOMAIN`. */
  addEntity(label: string, onStanza: (stanza: XmlElement) => void): PluginEntity;
}

export interface PluginEntity {
  /** The domain. */
  readonly address: string;
  /** `from` must be at the address, `to` is required. */
  send(stanza: XmlElement): void;
}
