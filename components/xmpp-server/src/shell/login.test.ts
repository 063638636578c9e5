import { type LogFields, silentLogger, type TimerHandle } from '@conclave/base';
import { expect, test } from 'vitest';
import type { LoginResult } from '../core/authenticator.ts';
import { ANONYMOUS } from '../core/identity.ts';
import { seededRandom } from '../script-runner/run-script.ts';
import { XmppServer } from './xmpp-server.ts';

const ADA = { ...ANONYMOUS, isAuthenticated: true, user: { name: 'Ada' } };

function start() {
  const sent: string[] = [];
  const errors: string[] = [];
  let settle: { resolve(result: LoginResult): void; reject(error: Error): void } | undefined;
  const timer: TimerHandle = { cancel() {} };
  const server = new XmppServer({
    clock: { nowMs: () => 0, wallMs: () => 0 },
    timers: { schedule: () => timer },
    random: seededRandom(1),
    logger: {
      ...silentLogger,
      error: (event: string, _fields?: LogFields) => void errors.push(event),
    },
    authenticator: {
      authenticate: () =>
        new Promise((resolve, reject) => {
          settle = { resolve, reject };
        }),
    },
  });
  const transport = { send: (text: string) => void sent.push(text), close() {} };
  const stream = server.acceptStream(transport, { remoteAddress: '192.0.2.1', token: 't' });
  const open = '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="meet.jitsi" version="1.0"/>';
  stream.handleMessage(open);
  stream.handleMessage('<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>');
  const tick = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { server, stream, open, sent, errors, tick, answer: () => settle };
}

test('a session has the identity that the authenticator found, when it has found it', async () => {
  const { server, stream, open, sent, tick, answer } = start();
  expect(sent.join()).not.toContain('<success');
  answer()?.resolve({ type: 'accepted', identity: ADA });
  await tick();
  expect(sent.at(-1)).toContain('<success');
  stream.handleMessage(open);
  stream.handleMessage(
    '<iq xmlns="jabber:client" type="set" id="b"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>',
  );
  const jid = /<jid>(.*)<\/jid>/.exec(sent.at(-1) ?? '')?.[1] ?? '';
  expect(server.identityOf(jid)).toBe(ADA);
  expect(server.identityOf('nobody@meet.jitsi/x')).toBeUndefined();
});

test('an authenticator that fails refuses for now, and is logged', async () => {
  const { sent, errors, tick, answer, server } = start();
  answer()?.reject(new Error('the directory is down'));
  await tick();
  expect(sent.at(-1)).toContain('<temporary-auth-failure/>');
  expect(sent.join()).not.toContain('directory');
  expect(errors).toEqual(['xmpp.login.failed']);
  expect(server.metrics.pendingLogins).toBe(0);
});

test.each([['the client left'], ['the server closed']])(
  '%s: the answer is for nobody',
  async (who) => {
    const { server, stream, sent, tick, answer } = start();
    if (who === 'the client left') stream.handleClose();
    else server.close();
    const before = sent.length;
    answer()?.resolve({ type: 'accepted', identity: ADA });
    await tick();
    expect(sent).toHaveLength(before);
    expect(server.metrics.internalErrors).toBe(0);
  },
);
