/**
 * The public ports: HTTP and HTTPS with their WebSockets, the certificate they show, and the limits that
 * they share.
 */
import type { Clock, Logger, Timers } from '@conclave/base';
import { AddressCounter, WebSocketAcceptor } from '@conclave/platform/net';
import type { Settings } from '../settings/index.ts';
import type { WebCertificate } from './certificate.ts';
import { CertificateWatch } from './certificate-watch.ts';
import { createRedirect } from './redirect.ts';
import { createRoutes, type RouteDependencies } from './routes.ts';
import { WebListener } from './web-listener.ts';
import { createUpgradeListener, type WebSocketRouteDependencies } from './web-socket-routes.ts';

export interface WebServerDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  /** The certificate as it is on disk now. */
  readonly loadCertificate: () => WebCertificate;
  readonly routes: Omit<RouteDependencies, 'settings' | 'logger' | 'securityHeaders'>;
  readonly sockets: Pick<WebSocketRouteDependencies, 'openStream' | 'checkChannel' | 'openChannel'>;
}

const MAX_STANZA_MESSAGE_BYTES = 512 * 1024;
const MAX_CHANNEL_MESSAGE_BYTES = 128 * 1024;
const MAX_UNSENT_BYTES = 8 * 1024 * 1024;
const MAX_UNSENT_CHANNEL_BYTES = 1024 * 1024;
const SILENCE = { pingAfterMs: 15_000, timeoutMs: 60_000 };
/** How long goodbyes may take. */
const CLOSE_TIMEOUT_MS = 1500;

export class WebServer {
  /** Undefined without HTTPS. */
  readonly certificate: WebCertificate | undefined;
  readonly #deps: WebServerDependencies;
  readonly #settings: Settings;
  readonly #xmppAcceptor: WebSocketAcceptor;
  readonly #channelAcceptor: WebSocketAcceptor;
  readonly #connections: AddressCounter;
  readonly #listeners: WebListener[] = [];
  #certificateWatch: CertificateWatch | undefined;

  /** Throws when HTTPS is wanted and the certificate is of no use. */
  constructor(deps: WebServerDependencies, settings: Settings) {
    this.#deps = { ...deps, logger: deps.logger.child({ part: 'web' }) };
    this.#settings = settings;
    this.certificate = settings.DISABLE_HTTPS ? undefined : deps.loadCertificate();
    this.#xmppAcceptor = new WebSocketAcceptor(this.#deps, {
      ...SILENCE,
      subprotocol: 'xmpp',
      maxMessageBytes: MAX_STANZA_MESSAGE_BYTES,
      maxBufferedBytes: MAX_UNSENT_BYTES,
    });
    this.#channelAcceptor = new WebSocketAcceptor(this.#deps, {
      ...SILENCE,
      maxMessageBytes: MAX_CHANNEL_MESSAGE_BYTES,
      maxBufferedBytes: MAX_UNSENT_CHANNEL_BYTES,
    });
    this.#connections = new AddressCounter(settings.WEB_MAX_CONNECTIONS_PER_ADDRESS);
  }

  /** Throws StartError with the setting to change. */
  async listen(): Promise<void> {
    const { HTTPS_PORT, HTTP_PORT, ENABLE_HTTP_REDIRECT } = this.#settings;
    const { certificate } = this;
    if (certificate !== undefined) await this.#listen(HTTPS_PORT, 'HTTPS_PORT', 'all');
    const redirects = certificate !== undefined && ENABLE_HTTP_REDIRECT;
    await this.#listen(HTTP_PORT, 'HTTP_PORT', redirects ? 'redirect' : 'all');
    if (certificate === undefined) return;
    this.#certificateWatch = new CertificateWatch(
      {
        timers: this.#deps.timers,
        logger: this.#deps.logger,
        load: this.#deps.loadCertificate,
        use: (found) => {
          for (const listener of this.#listeners) listener.setCertificate(found);
        },
      },
      certificate,
    );
  }

  /** For metrics. */
  get figures() {
    return {
      signallingSockets: this.#xmppAcceptor.counters.open,
      bridgeSockets: this.#channelAcceptor.counters.open,
      connectionsRefused: this.#listeners.reduce((sum, each) => sum + each.refusedConnections, 0),
    };
  }

  /** No new connections. */
  stopAccepting(): void {
    this.#certificateWatch?.close();
    for (const listener of this.#listeners) listener.stopAccepting();
  }

  /** Closes the WebSockets; resolves when the other sides have said goodbye, or after a while. */
  async closeSockets(): Promise<void> {
    const acceptors = [this.#xmppAcceptor, this.#channelAcceptor];
    for (const acceptor of acceptors) acceptor.close();
    await untilClosed(this.#deps.timers, acceptors);
  }

  /** Ends whatever is still open. */
  destroy(): void {
    for (const listener of this.#listeners) listener.destroy();
  }

  async #listen(port: number, portSetting: string, handles: 'all' | 'redirect'): Promise<void> {
    const { LISTEN_ADDRESS: address, WEB_MAX_CONNECTIONS: maxConnections } = this.#settings;
    const { certificate } = this;
    const isSecure = portSetting === 'HTTPS_PORT';
    const { logger } = this.#deps;
    const listener = new WebListener(
      { logger, connections: this.#connections, ...this.#handlers(isSecure, handles) },
      { maxConnections, ...(isSecure && certificate !== undefined && { certificate }) },
    );
    this.#listeners.push(listener);
    await listener.listen(port, address, portSetting);
    logger.info('web.listening', { address, port, secure: isSecure });
  }

  #handlers(isSecure: boolean, handles: 'all' | 'redirect') {
    const settings = this.#settings;
    const { logger, routes, sockets } = this.#deps;
    if (handles === 'redirect') {
      const { PUBLIC_URL: publicUrl, HTTPS_PORT: httpsPort } = settings;
      return { handleRequest: createRedirect({ publicUrl, httpsPort }) };
    }
    const { certificate } = this;
    const hsts = settings.ENABLE_HSTS && certificate !== undefined && !certificate.isSelfSigned;
    return {
      handleRequest: createRoutes(
        { ...routes, settings, logger, securityHeaders: { hsts } },
        isSecure,
      ),
      handleUpgrade: createUpgradeListener(
        {
          ...sockets,
          settings,
          logger,
          xmppAcceptor: this.#xmppAcceptor,
          channelAcceptor: this.#channelAcceptor,
        },
        isSecure,
      ),
    };
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
