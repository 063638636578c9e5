/** Who may start conferences and who leads them, as settings and log-ins have it (docs: protocol-signaling 5.1, 5.5, 5.6). */
import type { FocusLogins } from '@conclave/focus';
import type { Jid } from '@conclave/protocols/xmpp';
import { type Identity, VISITOR_DOMAIN } from '@conclave/xmpp-server';
import type { Settings } from './settings/index.ts';

export interface FocusLoginSources {
  readonly identityOf: (fullJid: string) => Identity | undefined;
  /** Whether this JID stands for a request over HTTP by somebody who proved nothing. */
  readonly isHttpGuest: (realJid: Jid) => boolean;
}

type AccessSettings = Pick<
  Settings,
  | 'ENABLE_AUTH'
  | 'ENABLE_GUESTS'
  | 'AUTH_TYPE'
  | 'JICOFO_ENABLE_AUTH'
  | 'JICOFO_AUTH_LIFETIME'
  | 'XMPP_GUEST_DOMAIN'
>;

/** Undefined: nobody logs in, or those who did not have the same rights. */
export function createFocusLogins(
  settings: AccessSettings,
  { identityOf, isHttpGuest }: FocusLoginSources,
): FocusLogins | undefined {
  if (!settings.ENABLE_AUTH || !settings.JICOFO_ENABLE_AUTH) return undefined;
  return {
    mayStart: (jid) => !isGuest(settings, jid) && !(settings.ENABLE_GUESTS && isHttpGuest(jid)),
    accountOf: (jid) => {
      const identity = identityOf(jid.full);
      return identity?.account === undefined
        ? undefined
        : { name: identity.account, leads: identity.isModerator !== false };
    },
    // Clients then send people to `tokenAuthUrl` instead of asking for a password.
    isExternal: settings.AUTH_TYPE.every((type) => type === 'jwt' || type === 'oidc'),
    lifetimeMs: settings.JICOFO_AUTH_LIFETIME,
  };
}

/** Whether somebody is a guest who leads nothing without logging in. */
export function mustLogIn(settings: AccessSettings, realJid: Jid): boolean {
  return settings.ENABLE_AUTH && settings.JICOFO_ENABLE_AUTH && isGuest(settings, realJid);
}

/** On the visitor node everybody is: people look on there, whoever they are. */
function isGuest(settings: AccessSettings, { domain }: Jid): boolean {
  if (domain === VISITOR_DOMAIN) return true;
  return settings.ENABLE_GUESTS && domain === settings.XMPP_GUEST_DOMAIN;
}
