/** Behind a reverse proxy each client has its own address: how fast log-ins from it may follow each other. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServerProcess } from './server-process.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await ServerProcess.start({
    environment: {
      DISABLE_HTTPS: '1',
      PROSODY_RATE_LIMIT_LOGIN_RATE: '1',
      PROSODY_RATE_LIMIT_ALLOW_RANGES: '192.0.2.0/24',
    },
  });
});
afterAll(() => server.stop());

const BODY = 'xmlns="http://jabber.org/protocol/httpbind" xmlns:xmpp="urn:xmpp:xbosh"';

/** Logs in over BOSH for a client at `address`, as a proxy does; the answer to the log-in. */
async function logIn(address: string): Promise<string> {
  const post = async (attributes: string, payload: string) => {
    const response = await fetch(`http://127.0.0.1:${server.httpPort}/http-bind`, {
      method: 'POST',
      headers: { 'X-Forwarded-For': address },
      body: `<body ${BODY} ${attributes}>${payload}</body>`,
    });
    return response.text();
  };
  const opened = await post('rid="1" to="meet.jitsi" wait="10" hold="1" xmpp:version="1.0"', '');
  const sid = /sid="(\w+)"/.exec(opened)?.[1] ?? '';
  const auth = '<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>';
  return post(`rid="2" sid="${sid}"`, auth);
}

const TOGETHER = 12;

async function refusedOf(address: string): Promise<number> {
  const answers = await Promise.all(Array.from({ length: TOGETHER }, () => logIn(address)));
  expect(answers.filter((text) => !/<success|<failure/.test(text))).toEqual([]);
  return answers.filter((text) => text.includes('temporary-auth-failure')).length;
}

test('two at once and one a second; who would wait for more than five is refused', async () => {
  // Time goes on while they arrive, so one more or two may be let in.
  const refused = await refusedOf('198.51.100.7');
  expect(refused).toBeGreaterThanOrEqual(2);
  expect(refused).toBeLessThanOrEqual(5);
}, 20_000);

test('whose address is excepted never waits', async () => {
  expect(await refusedOf('192.0.2.7')).toBe(0);
});
