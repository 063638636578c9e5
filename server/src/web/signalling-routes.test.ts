import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Logger, silentLogger } from '@conclave/base';
import { afterEach, expect, test } from 'vitest';
import { routeSignalling, type SignallingRouteDependencies } from './signalling-routes.ts';

let server: Server | undefined;
afterEach(() => server?.close());

async function start(deps: Partial<SignallingRouteDependencies>) {
  const logged: string[] = [];
  const logger: Logger = { ...silentLogger, error: (event) => logged.push(event) };
  const all = {
    handleBosh: () => {},
    requestConference: async () => ({ status: 200, json: {} }),
    logger,
    ...deps,
  };
  const address = { httpOrigin: 'http://localhost', webSocketOrigin: 'ws://localhost' };
  server = createServer((request, response) => {
    routeSignalling(all, address, request, response, false);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const post = (path: string, body: string) =>
    fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body });
  return { post, logged };
}

test('a check of log-ins that fails is an error of that request, and of nothing else', async () => {
  const { post, logged } = await start({
    requestConference: () => Promise.reject(new Error('the database is busy')),
  });
  const response = await post('/conference-request/v1', '{"room":"daily@muc.meet.jitsi"}');
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('database');
  expect(logged).toEqual(['web.signalling.failed']);
});

test('so is a failure of BOSH', async () => {
  const { post, logged } = await start({
    handleBosh: () => {
      throw new Error('a bug');
    },
  });
  expect((await post('/http-bind', '<body/>')).status).toBe(500);
  expect(logged).toEqual(['web.signalling.failed']);
});

test('a body that is too long ends the connection', async () => {
  const { post } = await start({});
  const response = await post('/http-bind', 'x'.repeat(600_000));
  expect([response.status, response.headers.get('connection')]).toEqual([413, 'close']);
});
