/**
 * What the private HTTP port answers: figures and health (`COLIBRI_REST_ENABLED`), and the admin API
 * (`ADMIN_API_ENABLED`). On a loopback address it refuses foreign Host headers: a page in a browser on
 * this machine must not read it by pointing a name of its own at it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '@conclave/base';
import type { BridgeStats, DebugQuery, DebugState } from '@conclave/videobridge';
import type { AdminRoutes } from '../admin/admin-routes.ts';
import type { HealthReport } from '../web/health.ts';
import { answerShutdown } from './answer-shutdown.ts';
import { bridgeMetrics } from './bridge-metrics.ts';
import { colibriStats, type StatsContext } from './colibri-stats.ts';
import { isLoopbackHost } from './loopback.ts';
import { type PrivateAnswer, TEXT } from './private-answer.ts';
import { type Metric, PROMETHEUS_CONTENT_TYPE, writePrometheusText } from './prometheus-text.ts';

export interface PrivateRouteDependencies {
  readonly logger: Logger;
  /** Absent: there is no admin API. */
  readonly admin: AdminRoutes | undefined;
  readonly hasFigures: boolean;
  /** A graceful shutdown was asked for. */
  readonly isShuttingDown: () => boolean;
  /** Absent: nobody may ask for it here. */
  readonly shutDown?: (isGraceful: boolean) => void;
  /** Only as `localhost`, `127.0.0.1` or `[::1]`. */
  readonly onlyLoopbackHosts: boolean;
  /** Undefined while the worker is down or does not answer. */
  readonly bridgeStats: () => Promise<BridgeStats | undefined>;
  readonly checkHealth: () => Promise<HealthReport>;
  readonly stress: () => number;
  /** Of everything but the bridge. */
  readonly otherMetrics: () => readonly Metric[];
  /** Undefined for what is not there. */
  readonly debugState: (query: DebugQuery) => Promise<DebugState | undefined>;
  readonly wallMs: () => number;
}

const JSON_TYPE = 'application/json; charset=utf-8';

const NOTHING: PrivateAnswer = { status: 404, type: TEXT, body: 'There is nothing here.\n' };

export function createPrivateRoutes(
  deps: PrivateRouteDependencies,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    answer(deps, request).then(
      ({ status, type, body, headers = {} }) => {
        response.setHeader('Content-Type', type);
        response.setHeader('Cache-Control', 'no-store');
        response.setHeader('X-Content-Type-Options', 'nosniff');
        response.setHeader('Content-Length', Buffer.byteLength(body));
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
        response.writeHead(status).end(request.method === 'HEAD' ? undefined : body);
      },
      (error: unknown) => {
        deps.logger.error('private.request.failed', { error });
        response.destroy();
      },
    );
  };
}

async function answer(
  deps: PrivateRouteDependencies,
  request: IncomingMessage,
): Promise<PrivateAnswer> {
  if (deps.onlyLoopbackHosts && !isLoopbackHost(request.headers.host)) {
    return { status: 403, type: TEXT, body: 'Only as localhost, 127.0.0.1 or [::1].\n' };
  }
  const admin = deps.admin?.answer(request);
  if (admin !== undefined) return admin;
  const path = request.url?.split('?', 1)[0];
  if (path === '/colibri/shutdown' && deps.shutDown !== undefined) {
    return answerShutdown(request, deps.shutDown);
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    const headers = { Allow: 'GET, HEAD', Connection: 'close' };
    return { status: 405, type: TEXT, body: 'Only GET and HEAD are possible here.\n', headers };
  }
  if (path !== '/about/health' && !deps.hasFigures) return NOTHING;
  switch (path) {
    case '/colibri/stats': {
      const [bridge, context] = await read(deps);
      return json(200, colibriStats(bridge, context));
    }
    case '/metrics': {
      const [bridge, context] = await read(deps);
      const metrics = [...bridgeMetrics(bridge, context), ...deps.otherMetrics()];
      return { status: 200, type: PROMETHEUS_CONTENT_TYPE, body: writePrometheusText(metrics) };
    }
    case '/about/health': {
      const { isHealthy, reasons, parts } = await deps.checkHealth();
      return isHealthy
        ? json(200, { status: 'ok', parts })
        : json(500, { status: 'failed', reasons, parts });
    }
    default:
      return (await debug(deps, request.url ?? '')) ?? NOTHING;
  }
}

/** `/debug`, `/debug/MEETING`, `/debug/MEETING/ENDPOINT`; as Jitsi's bridge has them. */
async function debug(
  deps: PrivateRouteDependencies,
  url: string,
): Promise<PrivateAnswer | undefined> {
  const [path = '', query] = url.split('?', 2);
  const [, meetingId, endpointId] = /^\/debug(?:\/([\w.-]+)(?:\/([\w.-]+))?)?$/.exec(path) ?? [];
  if (path !== '/debug' && meetingId === undefined) return undefined;
  const full = new URLSearchParams(query).get('full');
  const state = await deps.debugState({
    ...(meetingId !== undefined && { meetingId }),
    ...(endpointId !== undefined && { endpointId }),
    // One conference is shown in full unless asked otherwise, all of them only when asked.
    isFull: meetingId === undefined ? full === 'true' : full !== 'false',
  });
  return state && json(200, state);
}

async function read(
  deps: PrivateRouteDependencies,
): Promise<[BridgeStats | undefined, StatsContext]> {
  const bridge = await deps.bridgeStats();
  return [
    bridge,
    {
      isHealthy: bridge !== undefined,
      stress: deps.stress(),
      isShuttingDown: deps.isShuttingDown(),
      wallMs: deps.wallMs(),
    },
  ];
}

function json(status: number, value: unknown): PrivateAnswer {
  return { status, type: JSON_TYPE, body: `${JSON.stringify(value)}\n` };
}
