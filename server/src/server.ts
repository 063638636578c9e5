/**
 * The composition root: makes the parts, joins them, and closes them. XMPP server and focus live in
 * the main thread, the videobridge in its own; they meet through stanzas and COLIBRI messages.
 */
import type { AuditLog, Clock, Logger, RandomSource, Timers } from '@conclave/base';
import { Focus } from '@conclave/focus';
import { AddressCounter, localAddresses, WebSocketAcceptor } from '@conclave/platform/net';
import { createSelfSignedCertificate } from '@conclave/platform/packet-io';
import { StateFolder } from '@conclave/platform/storage';
import type { XmlElement } from '@conclave/protocols/xml';
import { VideobridgeHost } from '@conclave/videobridge';
import { XmppServer } from '@conclave/xmpp-server';
import { AccountWatch } from './account-watch.ts';
import { AdminRoutes } from './admin/admin-routes.ts';
import { loadAdminSecret } from './admin/admin-secret.ts';
import { BridgeWatchdog } from './bridge-watchdog.ts';
import { channelBaseUrl, channelUrl } from './channel-url.ts';
import { gateConferenceRequests } from './conference-gate.ts';
import { ConferenceRequests } from './conference-requests.ts';
import { StartError } from './errors.ts';
import { externalServices } from './external-services.ts';
import { createFocusLogins, type FocusLoginSources, mustLogIn } from './focus-logins.ts';
import { createLogins, type Logins } from './logins.ts';
import { machineNames } from './machine-names.ts';
import { openAuditLog } from './observability/audit-log.ts';
import { EventLoopMeter } from './observability/event-loop-meter.ts';
import { createHealthCheck } from './observability/health-checks.ts';
import { openPrivatePort, type PrivatePort } from './observability/private-port.ts';
import type { ServerFigures } from './observability/server-metrics.ts';
import { type Plugins, startPlugins } from './plugins/start-plugins.ts';
import { ReservationSystem } from './reservations.ts';
import type { Settings } from './settings/index.ts';
import { loadCertificate, type WebCertificate } from './web/certificate.ts';
import { CertificateWatch } from './web/certificate-watch.ts';
import { focusDomain } from './web/config-js.ts';
import { InvitationRoutes } from './web/invitation-routes.ts';
import { createRedirect } from './web/redirect.ts';
import { createRoutes } from './web/routes.ts';
import { loadStaticClient } from './web/static-client.ts';
import { WebListener } from './web/web-listener.ts';
import { createUpgradeListener } from './web/web-socket-routes.ts';
import { startWebhooks, type Webhooks } from './webhooks/webhooks.ts';
import { xmppFeatures } from './xmpp-features.ts';

export interface ServerDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: RandomSource;
  readonly logger: Logger;
  /** Of the process, with what `.env` adds; plugins find their own settings there. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface ServerFiles {
  /** The built bridge worker. */
  readonly bridgeWorker: URL;
  /** The folder with the built web client. */
  readonly webClient: string;
}

export interface RunningServer {
  readonly certificate: WebCertificate | undefined;
  /** Files of records were moved away: go on in new ones. */
  reopenFiles(): void;
  /** The process is about to die: writes what waits. */
  flushFiles(): void;
  /** Test hook: the worker dies as in a crash. */
  killBridgeWorker(): void;
  /** Says goodbye to everyone and ends; resolves when all is closed. */
  close(): Promise<void>;
}

const MAX_STANZA_MESSAGE_BYTES = 512 * 1024;
const MAX_CHANNEL_MESSAGE_BYTES = 128 * 1024;
const MAX_UNSENT_BYTES = 8 * 1024 * 1024;
const MAX_UNSENT_CHANNEL_BYTES = 1024 * 1024;
/** Of the bridge's DTLS certificate, which lives as long as the process. */
const DTLS_VALID_DAYS = 3650;
/** First part of the bridge channel's path. */
const BRIDGE_ID = 'jvb';
/** How long goodbyes may take. */
const CLOSE_TIMEOUT_MS = 1500;

/** Throws StartError (or StorageError) with what to change when a part cannot start. */
export async function startServer(
  deps: ServerDependencies,
  settings: Settings,
  files: ServerFiles,
): Promise<RunningServer> {
  const { logger, random } = deps;
  const state = new StateFolder(settings.CONFIG);
  const audit = openAuditLog(deps, settings, state);
  const client = loadStaticClient(files.webClient);
  const addresses = localAddresses({ ipv6: settings.ENABLE_IPV6 });
  const currentCertificate = () =>
    loadCertificate({
      state,
      names: machineNames(addresses, settings.PUBLIC_URL),
      wallMs: deps.clock.wallMs(),
      createSelfSigned: (commonName, alternativeNames, validDays) =>
        createSelfSignedCertificate({ commonName, alternativeNames, validDays }),
      warn: (message) => logger.warn('web.certificate', { message }),
    });
  const certificate = settings.DISABLE_HTTPS ? undefined : currentCertificate();

  const advertised = [...settings.JVB_ADVERTISE_IPS, ...settings.DOCKER_HOST_ADDRESS];
  const offersLocal = advertised.length === 0 || settings.JVB_ADVERTISE_PRIVATE_CANDIDATES;
  const bridge = new VideobridgeHost(
    { ...deps, logger: logger.child({ part: 'videobridge' }) },
    {
      workerUrl: files.bridgeWorker,
      bridge: {
        bridgeId: BRIDGE_ID,
        udpPort: settings.JVB_PORT,
        localAddresses: offersLocal ? addresses.map(({ address }) => address) : [],
        advertisedAddresses: advertised.map(({ address, port }) =>
          port === undefined ? { address } : { address, port },
        ),
        stunServers: settings.JVB_STUN_SERVERS,
        channelBaseUrl: channelBaseUrl(settings.PUBLIC_URL),
        limits: { maxEndpointsPerConference: settings.MAX_PARTICIPANTS },
        ...createSelfSignedCertificate({
          commonName: 'Conclave',
          alternativeNames: [],
          validDays: DTLS_VALID_DAYS,
        }),
      },
    },
  );

  const accessLogger = logger.child({ part: 'access' });
  const logins = createLogins({ ...deps, audit: audit.log, logger: accessLogger, state }, settings);
  const { authenticator } = logins;
  const xmpp = new XmppServer(
    {
      ...deps,
      logger: logger.child({ part: 'xmpp' }),
      audit: audit.log,
      ...(authenticator !== undefined && { authenticator }),
    },
    {
      domain: settings.XMPP_DOMAIN,
      loginDomains: logins.domains,
      mucDomain: settings.XMPP_MUC_DOMAIN,
      focusJid: `${settings.JICOFO_AUTH_USER}@${settings.XMPP_AUTH_DOMAIN}`,
      ownerDomains: [settings.XMPP_AUTH_DOMAIN],
      features: xmppFeatures(settings),
      historyLength: settings.MUC_HISTORY_LENGTH,
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
  const conferenceRequests = joinConferenceRequests(deps, settings, xmpp);
  const focus = joinFocus({ ...deps, audit: audit.log }, settings, xmpp, bridge, {
    identityOf: (fullJid) => xmpp.identityOf(fullJid),
    isHttpGuest: (realJid) => conferenceRequests.isGuest(realJid),
  });

  const acceptorDeps = { ...deps, logger: logger.child({ part: 'web' }) };
  const silence = { pingAfterMs: 15_000, timeoutMs: 60_000 };
  const xmppAcceptor = new WebSocketAcceptor(acceptorDeps, {
    ...silence,
    subprotocol: 'xmpp',
    maxMessageBytes: MAX_STANZA_MESSAGE_BYTES,
    maxBufferedBytes: MAX_UNSENT_BYTES,
  });
  const channelAcceptor = new WebSocketAcceptor(acceptorDeps, {
    ...silence,
    maxMessageBytes: MAX_CHANNEL_MESSAGE_BYTES,
    maxBufferedBytes: MAX_UNSENT_CHANNEL_BYTES,
  });
  const loop = new EventLoopMeter(deps.timers, () => deps.clock.nowMs());
  const checkHealth = createHealthCheck({ ...deps, loop, bridge });
  const routeDeps: Parameters<typeof createRoutes>[0] = {
    settings,
    logger: acceptorDeps.logger,
    client,
    logIn: logins.pages,
    invitations:
      logins.desk &&
      new InvitationRoutes({ desk: logins.desk, audit: audit.log, logger: accessLogger }),
    checkHealth,
    signalling: {
      handleBosh: (text, parameters, address, respond) =>
        xmpp.handleBoshRequest(text, { ...parameters, origin: address.webSocketOrigin }, respond),
      requestConference: gateConferenceRequests(
        authenticator,
        {
          domain: settings.XMPP_DOMAIN,
          guestDomain: settings.ENABLE_GUESTS ? settings.XMPP_GUEST_DOMAIN : settings.XMPP_DOMAIN,
        },
        (room) => xmpp.entryRoomOf(room),
        (body, address, isGuest) => conferenceRequests.request(body, address, isGuest),
      ),
    },
    securityHeaders: {
      hsts: settings.ENABLE_HSTS && certificate !== undefined && !certificate.isSelfSigned,
    },
  };
  const upgradeDeps = {
    settings,
    logger: acceptorDeps.logger,
    xmppAcceptor,
    channelAcceptor,
    openStream: (link, parameters, address) =>
      xmpp.acceptStream(
        { send: link.send, close: () => link.close(1000, '') },
        { ...parameters, origin: address.webSocketOrigin },
      ),
    checkChannel: async ({ bridgeId, conferenceId, endpointId, password }) =>
      bridgeId === BRIDGE_ID
        ? bridge.checkChannel(conferenceId, endpointId, password)
        : 'not-found',
    openChannel: (link, { conferenceId, endpointId, password }) =>
      bridge.openChannel(conferenceId, endpointId, password, link),
  } satisfies Parameters<typeof createUpgradeListener>[0];

  const connections = new AddressCounter(settings.WEB_MAX_CONNECTIONS_PER_ADDRESS);
  const listeners: WebListener[] = [];
  const listen = async (port: number, portSetting: string, handles: 'all' | 'redirect') => {
    const isSecure = portSetting === 'HTTPS_PORT';
    const listener = new WebListener(
      handles === 'redirect'
        ? {
            logger: acceptorDeps.logger,
            connections,
            handleRequest: createRedirect({
              publicUrl: settings.PUBLIC_URL,
              httpsPort: settings.HTTPS_PORT,
            }),
          }
        : {
            logger: acceptorDeps.logger,
            connections,
            handleRequest: createRoutes(routeDeps, isSecure),
            handleUpgrade: createUpgradeListener(upgradeDeps, isSecure),
          },
      {
        maxConnections: settings.WEB_MAX_CONNECTIONS,
        ...(isSecure && certificate !== undefined && { certificate }),
      },
    );
    listeners.push(listener);
    await listener.listen(port, settings.LISTEN_ADDRESS, portSetting);
    logger.info('web.listening', { address: settings.LISTEN_ADDRESS, port, secure: isSecure });
  };

  let certificateWatch: CertificateWatch | undefined;
  let watchdog: BridgeWatchdog | undefined;
  let privatePort: PrivatePort | undefined;
  let plugins: Plugins | undefined;
  let webhooks: Webhooks | undefined;
  const accountWatch = watchAccounts(deps, logins, xmpp, focus);
  let closing: Promise<void> | undefined;
  const close = async () => {
    certificateWatch?.close();
    accountWatch?.close();
    watchdog?.close();
    privatePort?.close();
    loop.close();
    for (const listener of listeners) listener.stopAccepting();
    focus.close();
    xmpp.close();
    xmppAcceptor.close();
    channelAcceptor.close();
    await bridge.close();
    await plugins?.close();
    await webhooks?.close();
    await audit.close();
    logins.desk?.store.close();
    await untilClosed(deps.timers, [xmppAcceptor, channelAcceptor]);
    for (const listener of listeners) listener.destroy();
  };
  const closeOnce = () => {
    closing ??= close();
    return closing;
  };

  try {
    plugins = await startPlugins({ ...deps, xmpp }, settings, state.pathOf('plugins'));
    webhooks = startWebhooks({ ...deps, xmpp }, settings, state);
    await startBridge(bridge, settings);
    watchdog = new BridgeWatchdog({ timers: deps.timers, logger }, bridge);
    if (certificate !== undefined) await listen(settings.HTTPS_PORT, 'HTTPS_PORT', 'all');
    const redirects = certificate !== undefined && settings.ENABLE_HTTP_REDIRECT;
    await listen(settings.HTTP_PORT, 'HTTP_PORT', redirects ? 'redirect' : 'all');
    const target = {
      administer: xmpp.administer.bind(xmpp),
      mute: focus.mute.bind(focus),
      mucDomain: settings.XMPP_MUC_DOMAIN,
    };
    const admin = settings.ADMIN_API_ENABLED
      ? new AdminRoutes({
          ...deps,
          audit: audit.log,
          target,
          secret: loadAdminSecret(state, random),
        })
      : undefined;
    const figures = (): ServerFigures => ({
      xmpp: xmpp.metrics,
      focus: { ...focus.stats(), ...focus.counters },
      web: {
        signallingSockets: xmppAcceptor.counters.open,
        bridgeSockets: channelAcceptor.counters.open,
        connectionsRefused: listeners.reduce((sum, each) => sum + each.refusedConnections, 0),
      },
      auditRecordsLost: audit.lost(),
      webhooks: webhooks?.counters(),
      pluginFailures: plugins?.failures ?? new Map(),
    });
    privatePort = await openPrivatePort(
      { ...deps, bridge, loop, figures, checkHealth, admin },
      settings,
    );
  } catch (error) {
    await closeOnce();
    throw error;
  }
  if (certificate !== undefined) {
    const use = (found: WebCertificate) => {
      for (const listener of listeners) listener.setCertificate(found);
    };
    certificateWatch = new CertificateWatch(
      { timers: deps.timers, logger, load: currentCertificate, use },
      certificate,
    );
  }
  return {
    certificate,
    reopenFiles: () => audit.reopen(),
    flushFiles: () => audit.flushNow(),
    killBridgeWorker: () => bridge.killWorker(),
    close: closeOnce,
  };
}

/** Puts the focus on the stanza router and ties it to the bridge. */
function joinFocus(
  deps: ServerDependencies & { readonly audit: AuditLog },
  settings: Settings,
  xmpp: XmppServer,
  bridge: VideobridgeHost,
  sources: FocusLoginSources,
): Focus {
  const address = focusDomain(settings);
  const port = xmpp.attachComponent([address, settings.XMPP_AUTH_DOMAIN], (stanza: XmlElement) =>
    focus.handleStanza(stanza),
  );
  const focus = new Focus(
    {
      ...deps,
      logger: deps.logger.child({ part: 'focus' }),
      send: (stanza) => port.send(stanza),
      bridge,
      ...(settings.PROSODY_RESERVATION_ENABLED && {
        reservationLink: createReservationSystem(deps, settings, xmpp),
      }),
    },
    {
      focusAddress: address,
      focusJid: `${settings.JICOFO_AUTH_USER}@${settings.XMPP_AUTH_DOMAIN}/focus`,
      mucDomains: [settings.XMPP_MUC_DOMAIN],
      avModerationAddress: `avmoderation.${settings.XMPP_DOMAIN}`,
      metadataAddress: `metadata.${settings.XMPP_DOMAIN}`,
      breakoutAddress: `breakout.${settings.XMPP_DOMAIN}`,
      channelUrl: (url, realJid) => channelUrl(url, xmpp.originOf(realJid.full)),
      autoOwner:
        settings.ENABLE_AUTO_OWNER &&
        !(settings.ENABLE_WAIT_FOR_HOST && settings.WAIT_FOR_HOST_DISABLE_AUTO_OWNERS),
      mayBecomeOwner: (realJid, room) =>
        !mustLogIn(settings, realJid) && xmpp.mayLead(realJid, room),
      logins: createFocusLogins(settings, sources),
      initialTimeoutMs: settings.JICOFO_CONF_INITIAL_PARTICIPANT_WAIT_TIMEOUT,
      singleParticipantTimeoutMs: settings.JICOFO_CONF_SINGLE_PARTICIPANT_TIMEOUT,
      sctp: settings.JVB_PREFER_SCTP,
      visitors: settings.ENABLE_VISITORS,
      maxAudioSenders: settings.JICOFO_CONF_MAX_AUDIO_SENDERS || undefined,
      maxVideoSenders: settings.JICOFO_CONF_MAX_VIDEO_SENDERS || undefined,
      maxSsrcsPerParticipant: settings.MAX_SSRCS_PER_USER,
      maxGroupsPerParticipant: settings.MAX_SSRC_GROUPS_PER_USER,
    },
  );
  bridge.onEvent((event) => focus.handleBridgeEvent(event));
  bridge.onExit(() => focus.handleBridgeFailed());
  bridge.onRestored(() => focus.handleBridgeRestored());
  return focus;
}

/** Throws StartError when nobody said where it is. */
function createReservationSystem(
  deps: ServerDependencies,
  settings: Settings,
  xmpp: XmppServer,
): ReservationSystem {
  const url = settings.PROSODY_RESERVATION_REST_BASE_URL;
  if (url === undefined) {
    throw new StartError(
      'RESERVATION_URL_MISSING',
      'PROSODY_RESERVATION_ENABLED=1: set PROSODY_RESERVATION_REST_BASE_URL as well.',
    );
  }
  // Who has no e-mail address is named by its JID.
  const ownerOf = (realJid: string) =>
    xmpp.identityOf(realJid)?.user?.email ?? realJid.split('/')[0] ?? realJid;
  const logger = deps.logger.child({ part: 'reservations' });
  return new ReservationSystem({ clock: deps.clock, logger, ownerOf }, url.href);
}

/** Undefined when there are no accounts of this server. */
function watchAccounts(
  { timers, logger }: ServerDependencies,
  { desk }: Logins,
  xmpp: XmppServer,
  focus: Focus,
): AccountWatch | undefined {
  if (desk === undefined) return undefined;
  return new AccountWatch({
    timers,
    version: () => desk.store.externalVersion,
    isGood: (account) => desk.accounts.holderOf(account) !== undefined,
    accountsInUse: () => new Set([...xmpp.accountsInUse(), ...focus.accountsInUse()]),
    end: (account) => {
      const jids = new Set(focus.endAccount(account));
      xmpp.endSessions((jid, identity) => identity.account === account || jids.has(jid.full));
    },
    failed: (error) => logger.warn('access.accounts.unreadable', { error }),
  });
}

/** Conference requests over HTTP are an entity on the router too. */
function joinConferenceRequests(
  deps: ServerDependencies,
  settings: Settings,
  xmpp: XmppServer,
): ConferenceRequests {
  const domain = `http.${settings.XMPP_DOMAIN}`;
  const port = xmpp.attachComponent([domain], (stanza) => requests.handleStanza(stanza));
  const requests = new ConferenceRequests(
    { ...deps, send: (stanza) => port.send(stanza) },
    { domain, focusAddress: focusDomain(settings) },
  );
  return requests;
}

async function startBridge(bridge: VideobridgeHost, settings: Settings): Promise<void> {
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

function untilClosed(timers: Timers, acceptors: readonly WebSocketAcceptor[]): Promise<void> {
  return new Promise((resolve) => {
    const stepMs = 20;
    const check = (leftMs: number) => {
      if (leftMs <= 0 || acceptors.every(({ counters }) => counters.open === 0)) resolve();
      else timers.schedule(stepMs, () => check(leftMs - stepMs));
    };
    check(CLOSE_TIMEOUT_MS);
  });
}
