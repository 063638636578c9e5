/** The XMPP server as the settings want it. */
import type { AuditLog, Clock, Logger, RandomSource, Timers } from '@conclave/base';
import { type RoomStore, XmppServer } from '@conclave/xmpp-server';
import { externalServices } from './external-services.ts';
import type { Logins } from './logins.ts';
import type { Settings } from './settings/index.ts';
import { xmppFeatures } from './xmpp-features.ts';

export interface XmppDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: RandomSource;
  readonly logger: Logger;
  readonly audit: AuditLog;
  readonly logins: Pick<Logins, 'authenticator' | 'domains'>;
  readonly roomStore: RoomStore;
}

export function createXmppServer(
  { logins, roomStore, ...deps }: XmppDependencies,
  settings: Settings,
): XmppServer {
  return new XmppServer(
    {
      ...deps,
      logger: deps.logger.child({ part: 'xmpp' }),
      ...(logins.authenticator !== undefined && { authenticator: logins.authenticator }),
    },
    {
      domain: settings.XMPP_DOMAIN,
      loginDomains: logins.domains,
      mucDomain: settings.XMPP_MUC_DOMAIN,
      focusJid: `${settings.JICOFO_AUTH_USER}@${settings.XMPP_AUTH_DOMAIN}`,
      ownerDomains: [settings.XMPP_AUTH_DOMAIN],
      features: xmppFeatures(settings),
      roomStore,
      bansAddresses: settings.BAN_ADDRESSES,
      whoKeepsRooms: settings.KEEP_ROOMS,
      historyLength: settings.MUC_HISTORY_LENGTH,
      greetsClients: true,
      externalServices: () => externalServices(settings, deps.clock.wallMs()),
      limits: {
        maxOccupants: settings.MAX_PARTICIPANTS,
        maxParticipants: settings.VISITORS_MAX_PARTICIPANTS,
        maxVisitors: settings.VISITORS_MAX_VISITORS_PER_NODE,
        ...(settings.WEB_MAX_CONNECTIONS_PER_ADDRESS === 0 && {
          maxStreamsPerAddress: settings.WEB_MAX_CONNECTIONS,
        }),
      },
    },
  );
}
