/** Which path answers what (plain HTTP requests; upgrades are in web-socket-routes.ts). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '@conclave/base';
import { tenantFromPath } from '@conclave/protocols/xmpp';
import type { Settings } from '../settings/index.ts';
import { type ClientAddress, clientAddress } from './client-address.ts';
import { clientConfig, INTERFACE_CONFIG_JS, writeConfigJs } from './config-js.ts';
import type { HealthReport } from './health.ts';
import type { InvitationRoutes } from './invitation-routes.ts';
import type { LogInRoutes } from './log-in-routes.ts';
import { redirectLocation } from './redirect.ts';
import { noteRemoteAddress } from './remote-address.ts';
import { type SecurityHeaderOptions, setSecurityHeaders } from './security-headers.ts';
import { routeSignalling, type SignallingRouteDependencies } from './signalling-routes.ts';
import type { StaticClient } from './static-client.ts';
import { isSecureFor } from './stream-parameters.ts';

export interface RouteDependencies {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly client: StaticClient;
  /** Undefined when nobody can log in on a page of ours. */
  readonly logIn: LogInRoutes | undefined;
  /** Undefined when there are no accounts of this server. */
  readonly invitations: InvitationRoutes | undefined;
  readonly checkHealth: () => Promise<HealthReport>;
  readonly securityHeaders: SecurityHeaderOptions;
  readonly signalling: SignallingRouteDependencies;
}

/** `/room` or `/tenant/room`; a file name that does not exist is not a room. */
const PAGE_PATH = /^\/(?:[^/.][^/]*(?:\/(?:[^/.][^/]*)?)?)?$/;
const FILE_NAME =
  /\.(?:js|mjs|css|map|json|ico|png|jpe?g|gif|svg|webp|txt|xml|html?|php|woff2?|wasm|mp3|opus|wav|webmanifest)$/i;
/** What each tenant has of its own. */
const TENANT_FILE = /^\/([^/]+)(\/(?:config\.js|interface_config\.js|xmpp-websocket))$/;
/** Where passwords are typed and tokens handed out. Asking whether this browser is logged in is harmless: over plain HTTP it never is. */
const SECRET_PATH = /^\/(?:login(?!\/session$)|invite)(?:[/?]|$)/;
/** Longer URLs belong to nobody; `?jwt=` of a room's page can be long. */
const MAX_URL_LENGTH = 16_384;
const MAX_PATH_LENGTH = 4096;

const JAVASCRIPT = 'application/javascript; charset=utf-8';
const TEXT = 'text/plain; charset=utf-8';

export function createRoutes(
  deps: RouteDependencies,
  isSecure: boolean,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    noteRemoteAddress(request, deps.settings.PROSODY_TRUSTED_PROXIES);
    const address = clientAddress(deps.settings.PUBLIC_URL, request.headers.host, isSecure);
    setSecurityHeaders(response, deps.securityHeaders, address?.webSocketOrigin);
    if (address === undefined) {
      answer(request, response, 400, TEXT, 'The Host header is missing or not a host name.\n');
      return;
    }
    try {
      route(deps, address, request, response, isSecureFor(deps.settings, isSecure));
    } catch (error) {
      deps.logger.error('web.request.failed', { error });
      if (!response.headersSent) answer(request, response, 500, TEXT, 'Internal error.\n');
      else response.destroy();
    }
  };
}

function route(
  deps: RouteDependencies,
  address: ClientAddress,
  request: IncomingMessage,
  response: ServerResponse,
  isSecure: boolean,
): void {
  const signalling = { ...deps.signalling, logger: deps.logger };
  if (routeSignalling(signalling, address, request, response, isSecure)) return;
  if (!isSecure && SECRET_PATH.test(request.url ?? '') && (deps.logIn ?? deps.invitations)) {
    sendToHttps(deps.settings, request, response);
    return;
  }
  if (deps.logIn?.handle(address, request, response)) return;
  if (deps.invitations?.handle(request, response)) return;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    // Whatever body there is, nobody reads it.
    response.setHeader('Connection', 'close');
    answer(request, response, 405, TEXT, 'Only GET and HEAD are possible here.\n');
    return;
  }
  const path = readPath(request.url);
  if (path === undefined) {
    answer(request, response, 400, TEXT, 'The URL cannot be read.\n');
    return;
  }
  const [, folder = '', file = path] = TENANT_FILE.exec(path) ?? [];
  switch (file) {
    case '/config.js':
      response.setHeader('Cache-Control', 'no-store');
      response.setHeader('Access-Control-Allow-Origin', '*');
      answer(
        request,
        response,
        200,
        JAVASCRIPT,
        writeConfigJs(
          clientConfig(
            deps.settings,
            address,
            deps.logIn?.methods,
            tenantFromPath(decodeURIComponent(folder)),
          ),
        ),
      );
      return;
    case '/interface_config.js':
      response.setHeader('Cache-Control', 'no-cache');
      answer(request, response, 200, JAVASCRIPT, INTERFACE_CONFIG_JS);
      return;
    case '/xmpp-websocket':
      // Clients ask this with a plain GET now and then to keep cookies and routes alive.
      response.setHeader('Cache-Control', 'no-store');
      response.setHeader('Access-Control-Allow-Origin', '*');
      answer(request, response, 200, TEXT, 'This is the WebSocket address of the XMPP server.\n');
      return;
    case '/about/health':
      answerHealth(deps, request, response).catch((error: unknown) => {
        deps.logger.error('web.health.failed', { error });
        response.destroy();
      });
      return;
    default:
      serveClient(deps, path, request, response);
  }
}

/** As PLAIN is in XMPP, log-ins are taken over TLS only: whoever is on the way could listen. */
function sendToHttps(
  { DISABLE_HTTPS, PUBLIC_URL: publicUrl, HTTPS_PORT: httpsPort }: Settings,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Connection', 'close');
  const location = DISABLE_HTTPS
    ? undefined
    : redirectLocation({ publicUrl, httpsPort }, request.headers.host, request.url);
  if (location !== undefined && (request.method === 'GET' || request.method === 'HEAD')) {
    response.setHeader('Location', location);
    answer(request, response, 307, TEXT, 'This page is there over HTTPS only.\n');
  } else answer(request, response, 403, TEXT, 'Logging in is possible over HTTPS only.\n');
}

async function answerHealth(
  deps: RouteDependencies,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const report = await deps.checkHealth();
  response.setHeader('Cache-Control', 'no-store');
  answer(
    request,
    response,
    report.isHealthy ? 200 : 500,
    'application/json; charset=utf-8',
    `${JSON.stringify(report.isHealthy ? { status: 'ok' } : { status: 'failed', reasons: report.reasons })}\n`,
  );
}

function serveClient(
  deps: RouteDependencies,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  // A backslash counts as a slash in browsers: what follows it could be another host.
  if (/^\/[^/\\][^/]*(?:\/[^/]+)?\/$/.test(path)) {
    // `/daily/` means the room, but would look for what it needs below it.
    const query = (request.url ?? '').slice(path.length);
    response.setHeader('Location', `${path.slice(0, -1)}${query}`);
    answer(request, response, 302, TEXT, 'This page is called without the slash at the end.\n');
    return;
  }
  if (path === '/' || path === '/index.html') {
    deps.client.servePage(request, response);
    return;
  }
  deps.client.serveFile(decodeURIComponent(path), request, response, () => {
    if (PAGE_PATH.test(path) && !FILE_NAME.test(path)) {
      deps.client.servePage(request, response);
      return;
    }
    answer(request, response, 404, TEXT, 'There is nothing here.\n');
  });
}

/** The path, still percent-encoded; undefined for a URL that is malformed. */
function readPath(url: string | undefined): string | undefined {
  if (url === undefined || url.length > MAX_URL_LENGTH || !url.startsWith('/')) return undefined;
  const path = url.split(/[?#]/, 1)[0] ?? '';
  if (path.length > MAX_PATH_LENGTH) return undefined;
  try {
    return decodeURIComponent(path).includes('\0') ? undefined : path;
  } catch {
    return undefined;
  }
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string,
): void {
  response.setHeader('Content-Type', contentType);
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.writeHead(status).end(request.method === 'HEAD' ? undefined : body);
}
