/** The server ends politely in the middle of a call, as for an upgrade, and another one takes its place. */
import { fileURLToPath } from 'node:url';
import { ChromiumDriver } from '@conclave/testkit/browser';
import { ConclaveServer } from '@conclave/testkit/server';
import { afterEach, expect, test } from 'vitest';
import { expectFullCall } from './expect-call.ts';
import { LjmClient, startLjmSite } from './ljm/ljm-client.ts';
import { WebClient } from './web-client.ts';

const OUTPUT = fileURLToPath(new URL('../../test-output/e2e/server-restart', import.meta.url));
/** With the server's start. */
const RETURN_LIMIT_MS = 30_000;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

test("everybody is told; our client comes back by itself, and Jitsi's page by being loaded again", async () => {
  let server = await ConclaveServer.start();
  closing.push(() => server.stop());
  const browser = await ChromiumDriver.launch();
  closing.push(() => browser.close());
  const site = await startLjmSite(server.url);
  closing.push(() => site.close());

  const config = { p2p: { enabled: false } };
  const ljm = await LjmClient.open(browser, site, { number: 1, config });
  const web = [
    await WebClient.open(browser, server.url, { number: 2 }),
    await WebClient.open(browser, server.url, { number: 3 }),
  ];
  const clients = [ljm, ...web];
  for (const client of clients) await client.join('upgrade');
  await expectFullCall(clients);

  const { httpsPort, httpPort, mediaPort } = server;
  await server.stop();
  const env = { HTTP_PORT: String(httpPort), JVB_PORT: String(mediaPort) };
  server = await ConclaveServer.start({ httpsPort, env });
  try {
    for (const client of web) await client.entered();
    await expectFullCall(web, RETURN_LIMIT_MS);
    const told = (await ljm.events()).map(({ type, args }) => [type, ...args].join(' ').trim());
    expect(told).toContain('CONNECTION_FAILED connection.droppedError system-shutdown');
    await ljm.participant.page.goto(site.url);
    await ljm.join('upgrade');
    await expectFullCall(clients);
  } catch (error) {
    await browser.dump(OUTPUT);
    server.dump(OUTPUT);
    throw error;
  }
}, 120_000);
