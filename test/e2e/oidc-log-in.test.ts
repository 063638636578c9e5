/** Logging in at an OpenID Connect provider with our client, and with a Jitsi client afterwards. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '@conclave/testkit';
import { ChromiumDriver } from '@conclave/testkit/browser';
import { ConclaveServer, freeTcpPort, type StaticSite } from '@conclave/testkit/server';
import type axe from 'axe-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestAuthority } from '../integration/directory/authority.ts';
import { providerFor } from '../integration/oidc/provider-for.ts';
import type { TestProvider } from '../integration/oidc/test-provider.ts';
import { displayNameOf } from './call-client.ts';
import { expectFullCall } from './expect-call.ts';
import { LjmClient, startLjmSite } from './ljm/ljm-client.ts';
import { WebClient } from './web-client.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let folder: string;
let provider: TestProvider;
let server: ConclaveServer;
let browser: ChromiumDriver;
let ljmSite: StaticSite;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'conclave-log-in-'));
  const authority = new TestAuthority(folder, 'authority');
  const httpsPort = await freeTcpPort();
  const oidc = await providerFor(httpsPort, authority, {
    ada: { name: 'Ada Lovelace', groups: ['teachers'] },
    ben: { name: 'Ben', groups: [] },
  });
  provider = oidc.provider;
  server = await ConclaveServer.start({ httpsPort, env: oidc.environment });
  browser = await ChromiumDriver.launch();
  ljmSite = await startLjmSite(server.url);
});
afterAll(async () => {
  await browser?.close();
  await ljmSite?.close();
  await server?.stop();
  provider?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('through the provider into the room, still logged in after a reload, out again', async () => {
  const ours = await WebClient.open(browser, server.url, { number: 1 });
  const { page } = ours.participant;
  provider.account = 'ada';
  await page.goto(`${server.url}/class`);
  await page.getByRole('link', { name: /Example School/ }).click();
  await page.getByLabel('Your name').fill(displayNameOf(1));
  // The token is not left in the address, from where links are copied.
  expect(page.url()).toBe(`${server.url}/class`);
  await page.getByRole('button', { name: 'Join' }).click();
  await ours.entered();

  provider.account = 'ben';
  const token = await tokenOf(2);
  const config = { p2p: { enabled: false }, token };
  const theirs = await LjmClient.open(browser, ljmSite, { number: 2, config });
  await theirs.join('class');
  await expectFullCall([ours, theirs]);
  expect(await theirs.isModerator()).toBe(false);

  await page.reload();
  await page.getByRole('button', { name: 'Join' }).click();
  await ours.entered();

  await page.goto(`${server.url}/login`);
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'You are logged out' }).waitFor();
  await page.goto(`${server.url}/class`);
  await page.getByRole('link', { name: /Example School/ }).waitFor();
});

test("Jitsi's pop-up hands the token to the page that opened it, and to no other site", async () => {
  provider.account = 'ada';
  const { page } = await browser.openParticipant({ number: 30 });
  const logInFrom = async (origin: string) => {
    await page.goto(origin);
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      page.evaluate((address) => {
        const heard: unknown[] = [];
        Object.assign(window, { heard });
        window.addEventListener('message', ({ data }) => heard.push(data));
        window.open(address, 'login', 'popup,width=500,height=600');
      }, `${server.url}/login?room=class&popup=1`),
    ]);
    const isIn = popup.getByRole('link', { name: 'Continue' });
    const isOut = popup.getByRole('link', { name: 'Log in with Example School' });
    await isIn.or(isOut).click();
    await popup.waitForEvent('close');
    return page.evaluate(() => (window as unknown as { heard: unknown[] }).heard);
  };
  const [handed, ...others] = await logInFrom(server.url);
  expect(others).toEqual([]);
  expect(handed).toMatchObject({ type: 'oauth-success', accessToken: expect.any(String) });
  const { accessToken } = handed as { accessToken: string };
  const config = { p2p: { enabled: false }, token: accessToken };
  const jitsi = await LjmClient.open(browser, ljmSite, { number: 31, config });
  await jitsi.join('popup');
  expect(await jitsi.isModerator()).toBe(true);
  expect(await logInFrom(ljmSite.url)).toEqual([]);
});

/** Logs in by the page itself, as Jitsi's apps do with `tokenAuthUrl`. */
async function tokenOf(number: number): Promise<string> {
  const { page } = await browser.openParticipant({ number: number + 10 });
  await page.goto(`${server.url}/login?room=class`);
  await page.getByRole('link', { name: 'Log in with Example School' }).click();
  return waitUntil('the token', async () => {
    const session = await page.evaluate(async () => {
      const answer = await fetch('/login/session', { method: 'POST' });
      return (await answer.json()) as { token?: string };
    });
    return session.token;
  });
}

test('axe finds nothing on the pages of the log-in, and they fit a phone', async () => {
  const { page } = await browser.openParticipant({ number: 20 });
  const found: string[] = [];
  for (const path of ['/login?room=class', '/login/done', '/login/oidc/callback?state=none']) {
    await page.goto(`${server.url}${path}`);
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: 320, height: 640 });
      await page.evaluate(AXE);
      const { violations } = await page.evaluate(() =>
        (window as unknown as { axe: typeof axe }).axe.run(),
      );
      found.push(...violations.map(({ id, nodes }) => `${path} ${id} ${nodes[0]?.html}`));
      const isWide = await page.evaluate(
        () => document.documentElement.scrollWidth > window.innerWidth,
      );
      if (isWide) found.push(`${path} is wider than the window`);
    }
  }
  expect(found).toEqual([]);
});
