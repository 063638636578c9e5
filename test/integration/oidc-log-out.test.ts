/** Log-outs that a real OpenID Connect provider tells of (back-channel log-out). */
import { waitUntil } from '@conclave/testkit';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { School } from './oidc/school.ts';
import { XmppClient } from './xmpp-client.ts';

const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';

let school: School;
beforeAll(async () => {
  school = await School.open();
});
afterEach(() => school.reset());
afterAll(() => school?.close());

describe('a log-out at the provider', () => {
  async function enter(token: string): Promise<XmppClient> {
    const client = await XmppClient.connect(school.server, `?room=daily&token=${token}`);
    await client.login();
    await client.join('daily@muc.meet.jitsi');
    return client;
  }
  const sessionOf = (token: string) => (decodeJwt(token).provider as { sid: string }).sid;
  const isGood = async (token: string) => {
    const client = await XmppClient.connect(school.server, `?room=daily&token=${token}`);
    client.send(
      '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="meet.jitsi" version="1.0"/>',
    );
    client.send(`<auth xmlns="${SASL}" mechanism="ANONYMOUS"/>`);
    const end = await client.take('an end', ({ name }) => ['failure', 'success'].includes(name));
    client.socket.terminate();
    return end.name === 'success';
  };
  const nextSecond = () => {
    const beganS = Math.floor(Date.now() / 1000);
    return waitUntil('the next second', () => Math.floor(Date.now() / 1000) > beganS);
  };

  test('of one session ends the log-in and the call of that, and no other', async () => {
    const [first, second] = [await school.logIn('ada'), await school.logIn('ada')];
    const [thrown, other] = [await enter(first.token), await enter(second.token)];
    await school.provider.logOut('ada', sessionOf(first.token));
    await waitUntil('the end', () => thrown.frames.some((f) => f.includes('not-authorized')));
    await other.ask('get', 'meet.jitsi', '<ping xmlns="urn:xmpp:ping"/>');
    expect([await isGood(first.token), await isGood(second.token)]).toEqual([false, true]);
    other.close();
  });

  test('of a person ends all of them, and whoever logs in again is in again', async () => {
    const before = [
      await school.logIn('ada'),
      await school.logIn('ada'),
      await school.logIn('grace'),
    ];
    await school.provider.logOut('ada');
    const good = [];
    for (const { token } of before) good.push(await isGood(token));
    expect(good).toEqual([false, false, true]);
    await nextSecond();
    expect(await isGood((await school.logIn('ada')).token)).toBe(true);
  });

  test.each<[string, string]>([
    ['nothing', ''],
    ['nonsense', 'logout_token=abc'],
    ['a token of somebody else', `logout_token=eyJhbGciOiJub25lIn0.e30.`],
    ['something long', `logout_token=${'a'.repeat(20_000)}`],
  ])('that is forged (%s) is refused', async (_, body) => {
    const page = await school
      .openBrowser()
      .post(`${school.origin}/login/oidc/backchannel-logout`, body);
    expect(page.status).toBe(400);
    expect(JSON.parse(page.body).error).toBe('invalid_request');
  });
});

test('no token was ever logged', () => {
  expect(school.tokens.length).toBeGreaterThan(5);
  for (const token of school.tokens) expect(school.server.stderr).not.toContain(token);
  expect(school.server.stderr).not.toMatch(/eyJ[\w-]+\.eyJ/);
});
