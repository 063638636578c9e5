/** The admin API of this server, when it is wanted. */
import type { AuditLog, Clock, Logger, RandomSource } from '@conclave/base';
import type { Focus } from '@conclave/focus';
import type { StateFolder } from '@conclave/platform/storage';
import type { XmppServer } from '@conclave/xmpp-server';
import type { Settings } from '../settings/index.ts';
import { AdminRoutes } from './admin-routes.ts';
import { loadAdminSecret } from './admin-secret.ts';

export interface AdminApiDependencies {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly logger: Logger;
  readonly audit: AuditLog;
  readonly xmpp: Pick<XmppServer, 'administer'>;
  readonly focus: Pick<Focus, 'mute'>;
}

/** Undefined when it is off. Throws StorageError. */
export function createAdminRoutes(
  { random, xmpp, focus, ...deps }: AdminApiDependencies,
  settings: Settings,
  state: StateFolder,
): AdminRoutes | undefined {
  if (!settings.ADMIN_API_ENABLED) return undefined;
  return new AdminRoutes({
    ...deps,
    secret: loadAdminSecret(state, random),
    target: {
      administer: (act) => xmpp.administer(act),
      mute: (room, endpointId, media) => focus.mute(room, endpointId, media),
      mucDomain: settings.XMPP_MUC_DOMAIN,
    },
  });
}
