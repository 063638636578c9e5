/**
 * The composition root: makes the parts, joins them, and closes them. XMPP server and focus live in
 * the main thread, the videobridge in its own; they meet through stanzas and COLIBRI messages.
 */
import type { Clock, Logger, RandomSource, Timers } from '@conclave/base';
import { localAddresses } from '@conclave/platform/net';
import { createSelfSignedCertificate } from '@conclave/platform/packet-io';
import { StateFolder } from '@conclave/platform/storage';
import { watchAccounts } from './account-watch.ts';
import { createAdminRoutes } from './admin/create-admin-routes.ts';
import { createBridge, startBridge } from './bridge.ts';
import { BridgeWatchdog } from './bridge-watchdog.ts';
import { gateConferenceRequests } from './conference-gate.ts';
import { Drain } from './drain.ts';
import { joinConferenceRequests, joinFocus } from './focus.ts';
import { createLogins } from './logins.ts';
import { machineNames } from './machine-names.ts';
import { openAuditLog } from './observability/audit-log.ts';
import { EventLoopMeter } from './observability/event-loop-meter.ts';
import { createHealthCheck } from './observability/health-checks.ts';
import { limitedLogger } from './observability/limited-logger.ts';
import { openPrivatePort, type PrivatePort } from './observability/private-port.ts';
import { type Plugins, startPlugins } from './plugins/start-plugins.ts';
import type { Settings } from './settings/index.ts';
import { SqliteRoomStore } from './sqlite-room-store.ts';
import { loadCertificate, type WebCertificate } from './web/certificate.ts';
import { InvitationRoutes } from './web/invitation-routes.ts';
import { loadStaticClient } from './web/static-client.ts';
import { WebServer } from './web/web-server.ts';
import { startWebhooks, type Webhooks } from './webhooks/webhooks.ts';
import { createXmppServer } from './xmpp.ts';

export interface ServerDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: RandomSource;
  readonly logger: Logger;
  /** Of the process, with what `.env` adds; plugins find their own settings there. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Ends the program, with patience or at once: somebody asked for it on the private port. */
  readonly shutDown: (isGraceful: boolean) => void;
}

export interface ServerFiles {
  /** The built bridge worker. */
  readonly bridgeWorker: URL;
  /** The folder with the built web client. */
  readonly webClient: string;
}

export interface RunningServer {
  readonly certificate: WebCertificate | undefined;
  /** Takes over what of the settings may change while it runs; see reload-settings.ts. */
  reload(settings: Settings): void;
  /** Files of records were moved away: go on in new ones. */
  reopenFiles(): void;
  /** The process is about to die: writes what waits. */
  flushFiles(): void;
  /** Test hook: the worker dies as in a crash. */
  killBridgeWorker(): void;
  /** No meeting begins any more; resolves when the last one is over. */
  drain(): Promise<void>;
  /** Says goodbye to everyone and ends; resolves when all is closed. */
  close(): Promise<void>;
}

/** Throws StartError (or StorageError) with what to change when a part cannot start. */
export async function startServer(
  deps: ServerDependencies,
  settings: Settings,
  files: ServerFiles,
): Promise<RunningServer> {
  const { logger } = deps;
  const state = new StateFolder(settings.CONFIG);
  const audit = openAuditLog(deps, settings, state);
  const client = loadStaticClient(files.webClient);
  const addresses = localAddresses({ ipv6: settings.ENABLE_IPV6 });
  const bridge = createBridge(deps, settings, files.bridgeWorker, addresses);

  const accessLogger = limitedLogger(logger.child({ part: 'access' }), deps.clock);
  const logins = createLogins({ ...deps, audit: audit.log, logger: accessLogger, state }, settings);
  const roomStore = new SqliteRoomStore(state);
  const xmpp = createXmppServer({ ...deps, audit: audit.log, logins, roomStore }, settings);
  if (logins.pages !== undefined) {
    logins.pages.onProviderLogOut = ({ subject, session }) =>
      xmpp.endSessions((_, { providerLogin }) => {
        if (session !== undefined) return providerLogin?.session === session;
        return providerLogin !== undefined && providerLogin.subject === subject;
      });
  }
  const conferenceRequests = joinConferenceRequests(deps, settings, xmpp);
  const focus = joinFocus({ ...deps, audit: audit.log }, settings, xmpp, bridge, {
    identityOf: (fullJid) => xmpp.identityOf(fullJid),
    isHttpGuest: (realJid) => conferenceRequests.isGuest(realJid),
  });

  const drain = new Drain({ ...deps, focus });
  const loop = new EventLoopMeter(deps.timers, () => deps.clock.nowMs());
  const checkHealth = createHealthCheck({ ...deps, loop, bridge });
  const web = new WebServer(
    {
      ...deps,
      loadCertificate: () =>
        loadCertificate({
          state,
          names: machineNames(addresses, settings.PUBLIC_URL),
          wallMs: deps.clock.wallMs(),
          createSelfSigned: (commonName, alternativeNames, validDays) =>
            createSelfSignedCertificate({ commonName, alternativeNames, validDays }),
          warn: (message) => logger.warn('web.certificate', { message }),
        }),
      routes: {
        client,
        logIn: logins.pages,
        invitations:
          logins.desk &&
          new InvitationRoutes({ desk: logins.desk, audit: audit.log, logger: accessLogger }),
        checkHealth,
        signalling: {
          handleBosh: (text, parameters, address, respond) =>
            xmpp.handleBoshRequest(
              text,
              { ...parameters, origin: address.webSocketOrigin },
              respond,
            ),
          requestConference: gateConferenceRequests(
            logins.authenticator,
            {
              domain: settings.XMPP_DOMAIN,
              guestDomain: settings.ENABLE_GUESTS
                ? settings.XMPP_GUEST_DOMAIN
                : settings.XMPP_DOMAIN,
            },
            (room) => xmpp.entryRoomOf(room),
            (body, address, isGuest) => conferenceRequests.request(body, address, isGuest),
          ),
        },
      },
      sockets: {
        openStream: (link, parameters, address) =>
          xmpp.acceptStream(
            { send: link.send, close: () => link.close(1000, '') },
            { ...parameters, origin: address.webSocketOrigin },
          ),
        checkChannel: async ({ bridgeId, conferenceId, endpointId, password }) =>
          bridge.checkChannel(bridgeId, conferenceId, endpointId, password),
        openChannel: (link, { bridgeId, conferenceId, endpointId, password }) =>
          bridge.openChannel(bridgeId, conferenceId, endpointId, password, link),
      },
    },
    settings,
  );

  let plugins: Plugins | undefined;
  let webhooks: Webhooks | undefined;
  let watchdogs: readonly BridgeWatchdog[] = [];
  let privatePort: PrivatePort | undefined;
  const accountWatch = watchAccounts(deps, logins, xmpp, focus);
  let closing: Promise<void> | undefined;
  const close = async () => {
    accountWatch?.close();
    drain.close();
    for (const watchdog of watchdogs) watchdog.close();
    privatePort?.close();
    loop.close();
    web.stopAccepting();
    focus.close();
    xmpp.close();
    roomStore.close();
    const goodbyes = web.closeSockets();
    await bridge.close();
    await plugins?.close();
    await webhooks?.close();
    await audit.close();
    await logins.close();
    await goodbyes;
    web.destroy();
  };
  const closeOnce = () => {
    closing ??= close();
    return closing;
  };

  try {
    plugins = await startPlugins({ ...deps, xmpp }, settings, state.pathOf('plugins'));
    webhooks = startWebhooks({ ...deps, xmpp }, settings, state);
    await startBridge(bridge, settings);
    watchdogs = bridge.workers.map((worker) => new BridgeWatchdog(deps, worker));
    await web.listen();
    privatePort = await openPrivatePort(
      {
        ...deps,
        bridge,
        loop,
        checkHealth,
        figures: () => ({
          xmpp: xmpp.metrics,
          focus: { ...focus.stats(), ...focus.counters },
          web: web.figures,
          auditRecordsLost: audit.lost(),
          webhooks: webhooks?.counters(),
          pluginFailures: plugins?.failures ?? new Map(),
        }),
        shutdown: {
          isGraceful: () => drain.isDraining,
          begin: deps.shutDown,
        },
        admin: createAdminRoutes({ ...deps, audit: audit.log, xmpp, focus }, settings, state),
      },
      settings,
    );
  } catch (error) {
    await closeOnce();
    throw error;
  }
  return {
    certificate: web.certificate,
    reload: (changed) => logins.reload(changed),
    reopenFiles: () => audit.reopen(),
    flushFiles: () => audit.flushNow(),
    killBridgeWorker: () => bridge.killWorker(),
    drain: () => drain.begin(),
    close: closeOnce,
  };
}
