/** The XMPP domains of this server; defaults follow XMPP_DOMAIN, which therefore comes first. */
import { domain } from './address-kinds.ts';
import { accountName } from './value-kinds.ts';

const group = 'XMPP addresses';

export const ADDRESS_SETTINGS = {
  XMPP_DOMAIN: domain({
    group,
    default: 'meet.jitsi',
    sentence: 'Main XMPP domain; internal, need not exist in DNS.',
  }),
  XMPP_MUC_DOMAIN: domain({
    group,
    default: 'muc.XMPP_DOMAIN',
    sentence: 'XMPP domain of the conference rooms.',
  }),
  XMPP_GUEST_DOMAIN: domain({
    group,
    default: 'guest.XMPP_DOMAIN',
    sentence: 'XMPP domain of people who do not log in, when ENABLE_GUESTS is on.',
  }),
  XMPP_AUTH_DOMAIN: domain({
    group,
    default: 'auth.XMPP_DOMAIN',
    sentence: 'XMPP domain of internal accounts such as the focus.',
  }),
  JICOFO_AUTH_USER: accountName({
    group,
    default: 'focus',
    sentence: 'Account name of the focus at XMPP_AUTH_DOMAIN.',
  }),
} as const;
