/** The private port for monitoring: what it tells, and whom. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type Answer, fetchAnswer, freeTcpPort, ServerProcess } from './server-process.ts';
import { XmppClient } from './xmpp-client.ts';

/** Names of metrics in the dashboard that we ship, but for what Prometheus adds. */
function dashboardMetrics(): string[] {
  const file = new URL('../../docs/grafana-dashboard.json', import.meta.url);
  const dashboard = JSON.parse(readFileSync(file, 'utf8')) as {
    panels: { targets: { expr: string }[] }[];
  };
  const names = dashboard.panels.flatMap(({ targets }) =>
    targets.flatMap(({ expr }) => expr.match(/\b(?:jitsi|conclave|process)_\w+/g) ?? []),
  );
  expect(names.length).toBeGreaterThan(30);
  return names.map((name) => name.replace(/_bucket$/, ''));
}

let server: ServerProcess | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function start(environment: Record<string, string> = {}): Promise<number> {
  const port = await freeTcpPort();
  server = await ServerProcess.start({
    environment: { COLIBRI_REST_ENABLED: '1', JVB_COLIBRI_PORT: String(port), ...environment },
  });
  return port;
}

const get = (port: number, path: string, headers = {}, method = 'GET'): Promise<Answer> =>
  fetchAnswer({ path, headers, method, port });

describe('monitoring', () => {
  test('tells figures of a running conference as JSON and for Prometheus', async () => {
    const port = await start();
    const clients = [await XmppClient.connect(server!), await XmppClient.connect(server!)];
    for (const client of clients) {
      await client.login();
      await client.join('standup@muc.meet.jitsi');
    }
    for (const client of clients) {
      await client.take('offer', (element) => element.toString().includes('session-initiate'));
    }

    const stats = await get(port, '/colibri/stats');
    expect(stats.status).toBe(200);
    expect(stats.headers['content-type']).toContain('application/json');
    expect(JSON.parse(stats.body)).toMatchObject({
      healthy: true,
      conferences: 1,
      endpoints: 2,
      participants: 2,
      inactive_endpoints: 2,
      total_conferences_created: 1,
    });

    const metrics = await get(port, '/metrics');
    expect(metrics.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const lines = metrics.body.split('\n');
    expect(lines).toContain('jitsi_jvb_conferences 1');
    expect(lines).toContain('jitsi_jvb_current_endpoints 2');
    expect(lines).toContain('# TYPE conclave_bridge_dropped_total counter');

    expect(lines).toContain('jitsi_jicofo_participants_current 2');
    expect(lines).toContain('conclave_xmpp_rooms 1');
    expect(lines).toContain('conclave_web_sockets{use="signalling"} 2');
    expect(metrics.body).toMatch(/^jitsi_jvb_rtp_transit_time_count \d+$/m);
    expect(metrics.body).toMatch(/^conclave_event_loop_lag_seconds_count [1-9]/m);
    for (const name of dashboardMetrics()) expect(metrics.body).toContain(`\n# TYPE ${name} `);

    const health = await get(port, '/about/health');
    expect([health.status, JSON.parse(health.body)]).toEqual([
      200,
      { status: 'ok', parts: { mainLoop: 'ok', bridgeWorker: 'ok', udpPort: 'ok' } },
    ]);

    const list = JSON.parse((await get(port, '/debug')).body) as {
      conferences: Record<string, { meetingId: string; name: string; endpoints: string[] }>;
    };
    const [conference] = Object.values(list.conferences);
    expect(conference).toMatchObject({ name: 'standup@muc.meet.jitsi' });
    expect(conference?.endpoints.sort()).toEqual(clients.map(({ nick }) => nick).sort());
    const path = `/debug/${conference?.meetingId}/${clients[0]?.nick}`;
    expect(JSON.parse((await get(port, path)).body)).toMatchObject({
      isConnected: false,
      transport: { isDtlsConnected: false },
    });
    expect((await get(port, '/debug/none')).status).toBe(404);
    const head = await get(port, '/metrics', {}, 'HEAD');
    expect([head.status, head.body]).toEqual([200, '']);
    for (const client of clients) client.close();
  });

  test('answers nobody who came by another name, and nothing else', async () => {
    const port = await start();
    expect((await get(port, '/metrics', { host: `evil.example:${port}` })).status).toBe(403);
    expect((await get(port, '/metrics', { host: `localhost:${port}` })).status).toBe(200);
    expect((await get(port, '/metrics', {}, 'POST')).status).toBe(405);
    for (const path of [
      '/',
      '/metrics/',
      '/debugger',
      '/debug/a/b/c',
      '/colibri/v2/conferences',
      '/config.js',
    ]) {
      expect((await get(port, path)).status).toBe(404);
    }
    // The public ports do not have them.
    for (const path of ['/metrics', '/colibri/stats', '/debug']) {
      const answer = await server!.get(path);
      expect(answer.body).not.toContain('jitsi_jvb');
      expect(answer.body).not.toContain('stress_level');
      expect(answer.body).not.toContain('"conferences"');
    }
  });

  test('is off unless wanted, and ends with the server', async () => {
    const port = await start({ COLIBRI_REST_ENABLED: '0' });
    await expect(get(port, '/metrics')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await server!.stop();
    const second = await start();
    expect((await get(second, '/metrics')).status).toBe(200);
    expect((await server!.stop()).code).toBe(0);
    await expect(get(second, '/metrics')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('a port that is taken is named', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    server = await ServerProcess.launch({
      environment: { COLIBRI_REST_ENABLED: '1', JVB_COLIBRI_PORT: String(port) },
    });
    const exit = await server.exited;
    other.close();
    expect(exit.code).not.toBe(0);
    expect(server.stderr + server.stdout).toContain(`JVB_COLIBRI_PORT=${port}`);
  });
});
