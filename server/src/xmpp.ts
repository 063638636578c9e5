/** The XMPP server as the settings want it. */
import { type BlockList, isIP } from 'node:net';
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
      strictNick: settings.PROSODY_ENABLE_MUC_RESOURCE_VALIDATE,
      bansAddresses: settings.BAN_ADDRESSES,
      mayHurry: (address) => isIn(settings.PROSODY_RATE_LIMIT_ALLOW_RANGES, address),
      whoKeepsRooms: settings.KEEP_ROOMS,
      historyLength: settings.MUC_HISTORY_LENGTH,
      greetsClients: true,
      externalServices: () => externalServices(settings, deps.clock.wallMs()),
      limits: {
        loginsPerSecond: settings.PROSODY_RATE_LIMIT_LOGIN_RATE,
        charactersPerSecond: settings.PROSODY_DISABLE_C2S_LIMIT
          ? Number.MAX_SAFE_INTEGER
          : settings.PROSODY_C2S_LIMIT,
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

function isIn(ranges: BlockList, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && ranges.check(address, version === 6 ? 'ipv6' : 'ipv4');
}
