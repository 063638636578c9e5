import { createHmac } from 'node:crypto';
import { silentLogger } from '@conclave/base';
import { ManualClock } from '@conclave/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { RETRY_DELAYS_MS, WebhookEndpoint, type WebhookMessage } from './endpoint.ts';
import { createWebhookSecret, secretBytes, signedHeaders } from './sign.ts';

/** Half of the range: no jitter. */
const random = { bytes: (length: number) => new Uint8Array(length).fill(0x80) };

let clock = new ManualClock();
let posts: WebhookMessage[] = [];
let answers: ((outcome: number | string) => void)[] = [];
let endpoint: WebhookEndpoint;

beforeEach(() => {
  clock = new ManualClock();
  posts = [];
  answers = [];
  endpoint = new WebhookEndpoint(
    {
      clock,
      timers: clock,
      random,
      logger: silentLogger,
      post: (_url, message) => {
        posts.push(message);
        return new Promise((resolve) => answers.push(resolve));
      },
    },
    'https://receiver.example/hook',
  );
});

const send = (id: string) => endpoint.send({ id, body: '{}' });

async function answer(outcome: number | string): Promise<void> {
  answers.shift()?.(outcome);
  for (let i = 0; i < 5; i++) await Promise.resolve();
}

describe('a receiver', () => {
  test('gets each message once when it says 2xx', async () => {
    send('a');
    send('b');
    await answer(200);
    await answer(204);
    expect(posts.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(endpoint.counters).toEqual({ delivered: 2, failed: 0, dropped: 0 });
    expect([endpoint.pending, clock.pendingCount]).toEqual([0, 0]);
  });

  test.each([500, 404, 302, 'ECONNREFUSED'])(
    'that answers %s gets it again later, with the same id, and is then given up',
    async (outcome) => {
      send('a');
      await answer(outcome);
      for (const [index, delayMs] of RETRY_DELAYS_MS.entries()) {
        clock.advance(delayMs * 0.85);
        expect(posts).toHaveLength(index + 1);
        clock.advance(delayMs * 0.3);
        expect(posts).toHaveLength(index + 2);
        await answer(outcome);
      }
      expect(new Set(posts.map(({ id }) => id))).toEqual(new Set(['a']));
      const failed = RETRY_DELAYS_MS.length + 1;
      expect(endpoint.counters).toEqual({ delivered: 0, failed, dropped: 1 });
      expect([endpoint.pending, clock.pendingCount]).toEqual([0, 0]);
    },
  );

  test('that says 410 wants it no more', async () => {
    send('a');
    await answer(410);
    expect(endpoint.counters.dropped).toBe(1);
    expect(clock.pendingCount).toBe(0);
  });

  test('that comes back gets what failed, and news meanwhile do not wait for it', async () => {
    send('a');
    await answer(503);
    send('b');
    expect(posts.map(({ id }) => id)).toEqual(['a', 'b']);
    await answer(200);
    clock.advance(6_000);
    await answer(200);
    expect(endpoint.counters.delivered).toBe(2);
  });

  test('that is slow gets four at a time, and a full queue loses its oldest', async () => {
    for (let i = 0; i < 1_010; i++) send(`m${i}`);
    expect(posts).toHaveLength(4);
    expect(endpoint.pending).toBe(1_000);
    expect(endpoint.counters.dropped).toBe(10);
    await answer(200);
    expect(posts.at(-1)?.id).toBe('m14');
  });

  test('at the end what is on its way may arrive, for a while', async () => {
    send('a');
    send('b');
    await answer(500);
    const closed = endpoint.close(1_500);
    send('late');
    await answer(200);
    await closed;
    expect(posts.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(clock.pendingCount).toBe(0);
  });

  test('that never answers does not keep the server from ending', async () => {
    send('a');
    const closed = endpoint.close(1_500);
    clock.advance(1_500);
    await closed;
    expect(endpoint.pending).toBe(1);
  });
});

describe('signatures', () => {
  test('are those of Standard Webhooks', () => {
    // The example of the specification.
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const headers = signedHeaders(
      secretBytes(secret),
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      1614265330,
      '{"test": 2432232314}',
    );
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  test('secrets are made in their form', () => {
    const made = createWebhookSecret(random);
    expect(made).toMatch(/^whsec_[\w+/]{43}=$/);
    expect(secretBytes(made)).toHaveLength(32);
    const own = signedHeaders(secretBytes('plain text'), 'a', 1, 'b')['webhook-signature'];
    expect(own).toBe(`v1,${createHmac('sha256', 'plain text').update('a.1.b').digest('base64')}`);
  });
});
