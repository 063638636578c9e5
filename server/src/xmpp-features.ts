/** Which server-assisted features of rooms the settings leave on. */
import { XMPP_FEATURES, type XmppFeature } from '@conclave/xmpp-server';
import type { Settings } from './settings/index.ts';

export function xmppFeatures(settings: Settings): XmppFeature[] {
  const isOff: Partial<Record<XmppFeature, boolean>> = {
    'av-moderation': !settings.ENABLE_AV_MODERATION,
    lobby: !settings.ENABLE_LOBBY,
    'wait-for-host': !settings.ENABLE_WAIT_FOR_HOST,
    'breakout-rooms': !settings.ENABLE_BREAKOUT_ROOMS,
    'end-conference': !settings.ENABLE_END_CONFERENCE,
    visitors: !settings.ENABLE_VISITORS,
    polls: settings.DISABLE_POLLS,
  };
  return XMPP_FEATURES.filter((feature) => isOff[feature] !== true);
}
