/** What calls back into a conference does so through its guard: an exception ends that conference and no other. */
import type { Timers } from '@conclave/base';
import type { BridgeLink } from './bridge-session.ts';
import type { FeatureSource } from './feature-discovery.ts';
import type { IqSender } from './iq-tracker.ts';

export interface CallingBack {
  readonly timers: Timers;
  readonly bridgeLink: BridgeLink;
  readonly iqs: IqSender;
  readonly discovery: FeatureSource;
}

export function guarded(
  { timers, bridgeLink, iqs, discovery }: CallingBack,
  guard: (action: () => void) => void,
): CallingBack {
  return {
    timers: {
      schedule: (delayMs, callback) => timers.schedule(delayMs, () => guard(callback)),
    },
    bridgeLink: {
      request: (bridgeId, message, onResponse) =>
        bridgeLink.request(bridgeId, message, (response) => guard(() => onResponse(response))),
    },
    iqs: {
      send: (iq) => iqs.send(iq),
      request: (iq, timeoutMs, onReply) =>
        iqs.request(iq, timeoutMs, (reply) => guard(() => onReply(reply))),
    },
    discovery: {
      discover: (jid, presence, onFeatures) =>
        discovery.discover(jid, presence, (found) => guard(() => onFeatures(found))),
    },
  };
}
