/** The videobridge as the settings want it. */
import { availableParallelism } from 'node:os';
import type { Clock, Logger, Timers } from '@conclave/base';
import type { LocalAddress } from '@conclave/platform/net';
import { createSelfSignedCertificate } from '@conclave/platform/packet-io';
import { VideobridgeHost } from '@conclave/videobridge';
import { channelBaseUrl } from './channel-url.ts';
import { StartError } from './errors.ts';
import type { Settings } from './settings/index.ts';

export interface BridgeDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** As many can share a port. */
const MAX_WORKERS = 16;

/** Of the bridge's DTLS certificate, which lives as long as the process. */
const DTLS_VALID_DAYS = 3650;

/** `workerUrl` is the built bridge worker; `addresses` are those of this machine. */
export function createBridge(
  deps: BridgeDependencies,
  settings: Settings,
  workerUrl: URL,
  addresses: readonly LocalAddress[],
): VideobridgeHost {
  const advertised = [...settings.JVB_ADVERTISE_IPS, ...settings.DOCKER_HOST_ADDRESS];
  const offersLocal = advertised.length === 0 || settings.JVB_ADVERTISE_PRIVATE_CANDIDATES;
  return new VideobridgeHost(
    { ...deps, logger: deps.logger.child({ part: 'videobridge' }) },
    {
      workerUrl,
      workers: settings.JVB_WORKERS || Math.min(availableParallelism(), MAX_WORKERS),
      bridge: {
        udpPort: settings.JVB_PORT,
        localAddresses: offersLocal ? addresses.map(({ address }) => address) : [],
        advertisedAddresses: advertised.map(({ address, port }) =>
          port === undefined ? { address } : { address, port },
        ),
        stunServers: settings.JVB_STUN_SERVERS,
        channelBaseUrl: channelBaseUrl(settings.PUBLIC_URL),
        trustBandwidthEstimate: settings.JVB_CC_TRUST_BWE,
        reducesLoad: settings.JVB_LOAD_REDUCER_ENABLED,
        loudestVoices: settings.JVB_LOUDEST_VOICES,
        ssrcSlots: { audio: settings.JVB_SSRC_LIMIT_AUDIO, video: settings.JVB_SSRC_LIMIT_VIDEO },
        limits: { maxEndpointsPerConference: settings.MAX_PARTICIPANTS },
        ...createSelfSignedCertificate({
          commonName: 'Conclave',
          alternativeNames: [],
          validDays: DTLS_VALID_DAYS,
        }),
      },
    },
  );
}

/** Throws StartError with the setting to change. */
export async function startBridge(bridge: VideobridgeHost, settings: Settings): Promise<void> {
  try {
    await bridge.start();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const remedy = /EADDRINUSE|in use/i.test(reason)
      ? `another program already uses UDP port ${settings.JVB_PORT}. Stop it, or set JVB_PORT to another port`
      : /EACCES|permission/i.test(reason)
        ? `this user may not use UDP port ${settings.JVB_PORT}. Set JVB_PORT to 1024 or higher`
        : reason;
    throw new StartError('BRIDGE_START_FAILED', `JVB_PORT=${settings.JVB_PORT}: ${remedy}.`, {
      cause: error,
    });
  }
}
