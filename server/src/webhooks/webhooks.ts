/** Webhooks of this server: every event to every receiver that the settings name. */
import {
  type Clock,
  type Logger,
  type RandomSource,
  randomUuid,
  type Timers,
} from '@conclave/base';
import type { StateFolder } from '@conclave/platform/storage';
import type { Occupant, XmppServer } from '@conclave/xmpp-server';
import { StartError } from '../errors.ts';
import type { Settings } from '../settings/index.ts';
import { type EndpointCounters, WebhookEndpoint } from './endpoint.ts';
import { createPost } from './post.ts';
import { observeRooms, WEBHOOK_EVENTS, type WebhookEvent } from './room-events.ts';
import { createWebhookSecret, secretBytes } from './sign.ts';

export interface WebhookDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: RandomSource;
  readonly logger: Logger;
  readonly xmpp: Pick<XmppServer, 'hooksOf'>;
}

export interface Webhooks {
  /** Sums over all receivers. */
  counters(): EndpointCounters & { readonly pending: number };
  close(): Promise<void>;
}

const SECRET_FILE = 'webhook-secret';
const CLOSE_TIMEOUT_MS = 1_500;

/** Undefined without receivers. Throws StorageError, or StartError for an event that does not exist. */
export function startWebhooks(
  deps: WebhookDependencies,
  settings: Settings,
  state: StateFolder,
): Webhooks | undefined {
  if (settings.WEBHOOK_URLS.length === 0) return undefined;
  const known: readonly string[] = WEBHOOK_EVENTS;
  for (const name of settings.WEBHOOK_EVENTS) {
    if (known.includes(name)) continue;
    throw new StartError(
      'WEBHOOK_EVENT_UNKNOWN',
      `WEBHOOK_EVENTS names "${name}": expected ${known.join(', ')}. Correct it, or remove WEBHOOK_EVENTS to get all.`,
    );
  }
  const secret = settings.WEBHOOK_SECRET || loadSecret(state, deps.random);
  const post = createPost(deps.clock, secretBytes(secret));
  const endpoints = settings.WEBHOOK_URLS.map(
    (url) => new WebhookEndpoint({ ...deps, post }, url.href),
  );
  const wanted: ReadonlySet<string> = new Set(settings.WEBHOOK_EVENTS);
  const notify = (type: WebhookEvent, data: Readonly<Record<string, unknown>>) => {
    if (wanted.size > 0 && !wanted.has(type)) return;
    const timestamp = new Date(deps.clock.wallMs()).toISOString();
    const body = JSON.stringify({ type, timestamp, data });
    const id = `msg_${randomUuid(deps.random)}`;
    for (const endpoint of endpoints) endpoint.send({ id, body });
  };
  for (const kind of ['conference', 'breakout'] as const) {
    const hooks = deps.xmpp.hooksOf(kind);
    if (hooks === undefined) continue;
    const { XMPP_MUC_DOMAIN: mucDomain } = settings;
    const isService = (occupant: Occupant) => occupant.recipient.isComponent;
    observeRooms(hooks, { kind, mucDomain, isService }, notify);
  }
  return {
    counters: () => {
      const sum = { delivered: 0, failed: 0, dropped: 0, pending: 0 };
      for (const { counters, pending } of endpoints) {
        sum.delivered += counters.delivered;
        sum.failed += counters.failed;
        sum.dropped += counters.dropped;
        sum.pending += pending;
      }
      return sum;
    },
    close: async () => {
      await Promise.all(endpoints.map((endpoint) => endpoint.close(CLOSE_TIMEOUT_MS)));
    },
  };
}

function loadSecret(state: StateFolder, random: RandomSource): string {
  const kept = state.readText(SECRET_FILE)?.trim();
  if (kept !== undefined && kept !== '') return kept;
  const made = createWebhookSecret(random);
  state.writeText(SECRET_FILE, `${made}\n`);
  return made;
}
