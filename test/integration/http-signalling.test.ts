/** Signalling over plain HTTP, against the whole server: BOSH and the conference request. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServerProcess } from './server-process.ts';

const BODY = 'xmlns="http://jabber.org/protocol/httpbind" xmlns:xmpp="urn:xmpp:xbosh"';
const ROOM = 'http@muc.meet.jitsi';

let server: ServerProcess;
let origin: string;
beforeAll(async () => {
  const environment = { DISABLE_HTTPS: '1', PUBLIC_URL: 'http://localhost' };
  server = await ServerProcess.start({ environment });
  origin = `http://127.0.0.1:${server.httpPort}`;
});
afterAll(() => server.stop());

class BoshClient {
  #rid = 4_000_000;
  #sid = '';
  jid = '';

  async post(payload: string, attributes = ''): Promise<string> {
    const sid = this.#sid === '' ? '' : `sid="${this.#sid}"`;
    const response = await fetch(`${origin}/http-bind?room=http`, {
      method: 'POST',
      // What sendBeacon and old clients say: the type is not looked at.
      headers: { 'Content-Type': 'text/plain;charset=UTF-8' },
      body: `<body ${BODY} rid="${this.#rid++}" ${sid} ${attributes}>${payload}</body>`,
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/xml');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    return response.text();
  }

  async logIn(): Promise<void> {
    const first = await this.post('', 'to="meet.jitsi" wait="5" hold="1" xmpp:version="1.0"');
    this.#sid = /sid="(\w+)"/.exec(first)?.[1] ?? '';
    await this.post('<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>');
    await this.post('', 'xmpp:restart="true"');
    const bound = await this.post(
      '<iq type="set" id="b" xmlns="jabber:client"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>',
    );
    this.jid = /<jid>([^<]+)/.exec(bound)?.[1] ?? '';
  }

  /** Polls until an answer matches. */
  async until(pattern: RegExp, first: string): Promise<string> {
    for (let text = first, i = 0; i < 10; i++) {
      if (pattern.test(text)) return text;
      text = await this.post('');
    }
    throw new Error(`no answer matches ${pattern}`);
  }
}

function requestConference(body: unknown): Promise<Response> {
  return fetch(`${origin}/conference-request/v1?room=http`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

test('a conference is requested over HTTP, joined over BOSH, and the offer comes', async () => {
  const response = await requestConference({
    room: ROOM,
    machineUid: '3f0c',
    properties: { 'visitors-version': 1, rtcstatsEnabled: false },
  });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    room: ROOM,
    ready: true,
    focusJid: 'focus@auth.meet.jitsi',
    properties: { authentication: 'false' },
  });

  const client = new BoshClient();
  await client.logIn();
  const nick = client.jid.slice(0, 8);
  const joined = await client.post(
    `<presence to="${ROOM}/${nick}" xmlns="jabber:client"><x xmlns="http://jabber.org/protocol/muc"/></presence>`,
  );
  await client.until(/code="110"/, joined);
  const said = await client.post(
    `<message to="${ROOM}" type="groupchat" id="m1" xmlns="jabber:client"><body>hello</body></message>`,
  );
  await client.until(/<body[^>]*>hello<\/body>/, said);
  const goodbye = await client.post(
    '<presence type="unavailable" xmlns="jabber:client"/>',
    'type="terminate"',
  );
  expect(goodbye).toContain('type="terminate"');
});

test('a browser may ask first (CORS)', async () => {
  for (const path of ['/http-bind', '/tenant/http-bind', '/conference-request/v1']) {
    const response = await fetch(origin + path, { method: 'OPTIONS' });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-methods')).toContain('POST');
  }
});

test('what is no request is refused, and the server lives on', async () => {
  expect((await fetch(`${origin}/http-bind`)).status).toBe(405);
  expect((await requestConference('{')).status).toBe(400);
  expect((await requestConference({ room: 'elsewhere@muc.example.org' })).status).toBe(400);
  expect((await requestConference({ room: 'x'.repeat(600_000) })).status).toBe(413);
  const response = await fetch(`${origin}/http-bind`, { method: 'POST', body: 'no XML' });
  expect(await response.text()).toContain('condition="bad-request"');
  expect((await fetch(`${origin}/about/health`)).status).toBe(200);
});

test("a tenant's requests reach the rooms of the tenant", async () => {
  const ask = (room: string) =>
    fetch(`${origin}/acme/conference-request/v1?room=http`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ room, machineUid: 'x' }),
    });
  const answer = await ask('http@muc.acme.meet.jitsi');
  expect([answer.status, await answer.json()]).toMatchObject([
    200,
    { room: 'http@muc.acme.meet.jitsi', ready: true },
  ]);
  expect((await ask('http@muc.a.b.meet.jitsi')).status).toBe(400);
  const client = await fetch(`${origin}/acme/http-bind`, {
    method: 'POST',
    body: `<body ${BODY} rid="1" to="meet.jitsi" wait="5" hold="1" xmpp:version="1.0"/>`,
  });
  expect(await client.text()).toContain('ANONYMOUS');
});
