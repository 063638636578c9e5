/** A directory (LDAP) behind the log-in of unmodified Jitsi clients and ours: teachers lead, others do not. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '@conclave/testkit';
import { ChromiumDriver } from '@conclave/testkit/browser';
import { ConclaveServer, type StaticSite } from '@conclave/testkit/server';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { TestAuthority } from '../integration/directory/authority.ts';
import { ADMIN, BASE, SlapdProcess } from '../integration/directory/slapd-process.ts';
import { displayNameOf } from './call-client.ts';
import { expectFullCall } from './expect-call.ts';
import { LjmClient, startLjmSite } from './ljm/ljm-client.ts';
import { WebClient } from './web-client.ts';

const GRACE = { id: 'grace@meet.jitsi', password: "grace's password" };

let folder: string;
let slapd: SlapdProcess;
let server: ConclaveServer;
let browser: ChromiumDriver;
let ljmSite: StaticSite;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'conclave-directory-'));
  const authority = new TestAuthority(folder, 'authority');
  const certificate = authority.issue('server', 'DNS:localhost');
  slapd = await SlapdProcess.start(join(folder, 'slapd'), { certificate });
  server = await ConclaveServer.start({
    env: {
      ENABLE_AUTH: '1',
      AUTH_TYPE: 'ldap',
      LDAP_URL: slapd.secureUrl,
      LDAP_TLS_CACERT_FILE: authority.certFile,
      LDAP_BASE: BASE,
      LDAP_BINDDN: ADMIN.dn,
      LDAP_BINDPW: ADMIN.password,
      LDAP_MODERATOR_GROUPS: `cn=teachers,ou=groups,${BASE}`,
    },
  });
  browser = await ChromiumDriver.launch();
  ljmSite = await startLjmSite(server.url);
});
afterEach(() => browser?.closeParticipants());
afterAll(async () => {
  await browser?.close();
  await ljmSite?.close();
  await server?.stop();
  await slapd?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function openJitsi(number: number): Promise<LjmClient> {
  return LjmClient.open(browser, ljmSite, { number, config: { p2p: { enabled: false } } });
}

test('a teacher and somebody else log in with what they have in the directory; the call outlives the directory', async () => {
  const teacher = await openJitsi(1);
  const guessed = { ...GRACE, password: 'guessed' };
  await expect(teacher.join('lesson', { login: guessed })).rejects.toThrow(/passwordRequired/);
  const again = await openJitsi(2);
  await again.join('lesson', { login: GRACE });
  expect(await again.isModerator()).toBe(true);

  const ours = await WebClient.open(browser, server.url, { number: 3 });
  const { page } = ours.participant;
  await page.goto(`${server.url}/lesson`);
  await page.getByLabel('User name').fill('ada');
  await page.getByLabel('Password').fill('enchantress');
  await ours.press('Log in');
  await page.getByLabel('Your name').fill(displayNameOf(3));
  await page.getByRole('button', { name: 'Join' }).click();
  await ours.entered();
  await expectFullCall([again, ours]);
  const leading = (await again.eventsOf('USER_ROLE_CHANGED')).map(({ args }) => args[0]);
  expect(leading).toEqual([again.id]);

  await slapd.stop();
  const late = await openJitsi(4);
  await expect(late.join('lesson', { login: GRACE })).rejects.toThrow(/connection failed/);
  await waitUntil('the log to say it', () =>
    server.output.join('').includes('access.directory.unavailable'),
  );
  await expectFullCall([again, ours]);
});
