import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { externalServices } from './external-services.ts';
import { readSettings } from './settings/index.ts';

const NOW_MS = Date.UTC(2026, 0, 1);

function services(environment: Record<string, string>) {
  const result = readSettings(environment);
  if ('problems' in result) throw new Error('settings');
  return externalServices(result.settings, NOW_MS);
}

describe('externalServices', () => {
  test('is empty by default: no third party', () => {
    expect(services({})).toEqual([]);
  });

  test('lists every server, transport and type', () => {
    expect(
      services({
        STUN_HOST: 'a.example',
        STUN_PORT: '3478',
        TURN_HOST: 'b.example,192.0.2.1',
        TURN_TRANSPORT: 'udp,tcp',
        TURNS_HOST: 'c.example',
        TURN_USERNAME: 'user',
        TURN_PASSWORD: 'pass',
      }).map(({ type, host, port, transport, username }) => [
        type,
        host,
        port,
        transport,
        username,
      ]),
    ).toEqual([
      ['stun', 'a.example', 3478, 'udp', undefined],
      ['turn', 'b.example', 443, 'udp', 'user'],
      ['turn', 'b.example', 443, 'tcp', 'user'],
      ['turn', '192.0.2.1', 443, 'udp', 'user'],
      ['turn', '192.0.2.1', 443, 'tcp', 'user'],
      ['turns', 'c.example', 443, 'tcp', 'user'],
    ]);
  });

  test('makes credentials from the shared secret, with an end that clients can parse', () => {
    const [service] = services({
      TURN_HOST: 'b.example',
      TURN_CREDENTIALS: 'secret',
      TURN_TTL: '600',
    });
    const username = String(NOW_MS / 1000 + 600);
    expect(service).toMatchObject({
      username,
      password: createHmac('sha1', 'secret').update(username).digest('base64'),
      expires: '2026-01-01T00:10:00.000Z',
    });
  });
});
