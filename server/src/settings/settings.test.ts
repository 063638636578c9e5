import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeEnvExample, writeSettingsPage } from './docs.ts';
import { JITSI_NAMES } from './jitsi-names.ts';
import { readSettings } from './read-settings.ts';
import { findUnknownNames } from './unknown-names.ts';

function settings(environment: Record<string, string>, file: Record<string, string> = {}) {
  const result = readSettings(environment, file);
  if ('problems' in result) throw new Error(result.problems.map((p) => p.message).join('\n'));
  return result.settings;
}

function problems(environment: Record<string, string>, file: Record<string, string> = {}) {
  const result = readSettings(environment, file);
  return 'problems' in result ? result.problems.map((p) => p.message) : [];
}

describe('readSettings', () => {
  test('needs nothing', () => {
    expect(settings({})).toMatchObject({
      CONFIG: join(homedir(), '.conclave'),
      HTTPS_PORT: 8443,
      HTTP_PORT: 8000,
      JVB_PORT: 10000,
      XMPP_DOMAIN: 'meet.jitsi',
      XMPP_MUC_DOMAIN: 'muc.meet.jitsi',
      XMPP_AUTH_DOMAIN: 'auth.meet.jitsi',
      ENABLE_HTTP_REDIRECT: true,
      PUBLIC_URL: undefined,
      JVB_ADVERTISE_IPS: [],
    });
  });

  test('URLs hold no user name or password, which nobody would send, and no message shows one', () => {
    for (const name of ['WEBHOOK_URLS', 'JWT_JWKS_URL', 'PUBLIC_URL']) {
      for (const user of ['bot:hunter2', ':hunter2', 'hunter2']) {
        const [message = ''] = problems({ [name]: `https://${user}@example.com/hook` });
        expect(message).toContain(`${name}=`);
        expect(message).not.toContain('hunter2');
      }
    }
  });

  test('the environment wins over the file', () => {
    const both = settings({ HTTPS_PORT: '443' }, { HTTPS_PORT: '444', HTTP_PORT: '80' });
    expect(both).toMatchObject({ HTTPS_PORT: 443, HTTP_PORT: 80 });
  });

  test('an empty value is not set', () => {
    expect(settings({ HTTPS_PORT: ' ' }, { HTTPS_PORT: '444' }).HTTPS_PORT).toBe(444);
  });

  test('sub-domains follow the main domain unless they are set', () => {
    expect(settings({ XMPP_DOMAIN: 'Meet.Example' })).toMatchObject({
      XMPP_DOMAIN: 'meet.example',
      XMPP_MUC_DOMAIN: 'muc.meet.example',
    });
    expect(settings({ XMPP_MUC_DOMAIN: 'rooms.example' }).XMPP_MUC_DOMAIN).toBe('rooms.example');
  });

  test.each([
    ['1', true],
    ['true', true],
    ['YES', true],
    ['0', false],
    ['false', false],
    ['off', false],
  ])('reads the switch %s as %s', (text, value) => {
    expect(settings({ DISABLE_HTTPS: text }).DISABLE_HTTPS).toBe(value);
  });

  test.each([
    ['24 hours', 86_400_000],
    ['90m', 5_400_000],
    ['1 DAY', 86_400_000],
    ['1500 ms', 1_500],
  ])('reads the time %s', (text, value) => {
    expect(settings({ JICOFO_AUTH_LIFETIME: text }).JICOFO_AUTH_LIFETIME).toBe(value);
  });

  test('reads addresses with and without port', () => {
    expect(
      settings({ JVB_ADVERTISE_IPS: '192.0.2.1, 2001:db8::1#10001,' }).JVB_ADVERTISE_IPS,
    ).toEqual([
      { address: '192.0.2.1', port: undefined },
      { address: '2001:db8::1', port: 10001 },
    ]);
  });

  test.each([
    ['https://meet.example.com', 'https://meet.example.com'],
    ['https://meet.example.com:8443/', 'https://meet.example.com:8443'],
    ['meet.example.com', 'https://meet.example.com'],
    ['http://localhost:8000', 'http://localhost:8000'],
  ])('reads PUBLIC_URL %s', (text, origin) => {
    expect(settings({ PUBLIC_URL: text }).PUBLIC_URL?.origin).toBe(origin);
  });

  test.each([
    ['HTTPS_PORT', '0'],
    ['HTTPS_PORT', '65536'],
    ['HTTPS_PORT', '443 '.repeat(40)],
    ['HTTPS_PORT', '-1'],
    ['HTTPS_PORT', '1e3'],
    ['DISABLE_HTTPS', 'maybe'],
    ['LOG_LEVEL', 'loud'],
    ['XMPP_DOMAIN', 'a..b'],
    ['XMPP_DOMAIN', 'meet/x'],
    ['XMPP_DOMAIN', `${'a'.repeat(64)}.example`],
    ['LISTEN_ADDRESS', 'localhost'],
    ['JVB_ADVERTISE_IPS', '192.0.2.256'],
    ['JVB_ADVERTISE_IPS', '192.0.2.1#0'],
    ['JVB_ADVERTISE_IPS', '192.0.2.1#1#2'],
    ['JVB_ADVERTISE_IPS', Array(33).fill('192.0.2.1').join(',')],
    ['PUBLIC_URL', 'https://meet.example.com/path'],
    ['PUBLIC_URL', 'ftp://meet.example.com'],
    ['TZ', 'Mars/Olympus'],
    ['MAX_PARTICIPANTS', '10001'],
    ['P2P_STUN_SERVERS', 'stun.example.com'],
    ['JICOFO_AUTH_USER', 'a@b'],
    ['JICOFO_AUTH_LIFETIME', '24 fortnights'],
    ['JICOFO_AUTH_LIFETIME', '367d'],
  ])('%s=%s stops the start with name, value, expectation and remedy', (name, text) => {
    const messages = problems({ [name]: text });
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain(`${name}=${JSON.stringify(text.trim()).slice(0, 20)}`);
    expect(messages[0]).toMatch(/expected .+\. (Change it, or remove it|Change)/);
    expect(messages[0]?.length).toBeLessThan(400);
  });

  test('never shows a secret', () => {
    const [message] = problems({ TURN_CREDENTIALS: 'hunter2'.repeat(200) });
    expect(message).toContain('TURN_CREDENTIALS="(secret)"'.replaceAll('"', ''));
    expect(message).not.toContain('hunter2');
  });

  test('reports every wrong value, and where it comes from', () => {
    const messages = problems({ HTTP_PORT: 'x' }, { LOG_LEVEL: 'y' });
    expect(messages).toHaveLength(2);
    expect(messages.join()).toMatch(/HTTP_PORT="x" in the environment/);
    expect(messages.join()).toMatch(/LOG_LEVEL="y" in \.env/);
  });

  test('refuses one port for two listeners', () => {
    expect(problems({ HTTP_PORT: '8443' })[0]).toContain('HTTP_PORT and HTTPS_PORT are both 8443');
    expect(problems({ HTTP_PORT: '8443', DISABLE_HTTPS: '1' })).toEqual([]);
  });

  test.each([
    [
      { ENABLE_AUTH: '1', AUTH_TYPE: 'matrix' },
      /^AUTH_TYPE=matrix is not available yet.*ENABLE_AUTH=0/,
    ],
    [
      { ENABLE_AUTH: '1', AUTH_TYPE: 'internal,ldap' },
      /^AUTH_TYPE=.*one place where passwords are/,
    ],
    [{ ENABLE_AUTH: '1', AUTH_TYPE: 'internal,jwt', JWT_APP_ID: 'a' }, /Set JWT_APP_SECRET/],
    [{ ENABLE_AUTH: '1', AUTH_TYPE: 'jwt', JWT_APP_SECRET: 's' }, /Set JWT_APP_ID or/],
    [{ ENABLE_AUTH: '1', AUTH_TYPE: 'jwt', JWT_APP_ID: 'a' }, /Set JWT_APP_SECRET, JWT_ASAP/],
  ])('never opens a server that was to be closed: %j', (environment, message) => {
    expect(problems(environment)[0]).toMatch(message);
    expect(problems({ ...environment, ENABLE_AUTH: '0' })).toEqual([]);
  });

  test('refuses one domain for two purposes', () => {
    expect(problems({ XMPP_MUC_DOMAIN: 'meet.jitsi' })[0]).toContain('both "meet.jitsi"');
  });
});

describe('findUnknownNames', () => {
  test.each([
    ['JIGASI_SIP_PASSWORD', /not yet honoured/],
    ['JVB_DISABLE_STUN', /not needed here: .*JVB_STUN_SERVERS/],
    ['JVB_PROT', /did you mean JVB_PORT/],
    ['ENABLE_P2PP', /did you mean ENABLE_P2P/],
    ['XMPP_SOMETHING_ENTIRELY_DIFFERENT', /is not a setting; it has no effect/],
  ])('explains %s', (name, message) => {
    expect(findUnknownNames({ [name]: '1' })[0]?.message).toMatch(message);
  });

  test('says nothing about honoured names and other programs', () => {
    expect(findUnknownNames({ HTTP_PORT: '1', PATH: '/bin', npm_config_x: '', LANG: 'C' })).toEqual(
      [],
    );
  });

  test('in .env every name counts', () => {
    expect(findUnknownNames({}, { HTPS_PORT: '1' })[0]?.message).toMatch(/did you mean HTTPS_PORT/);
  });

  test('never shows a value', () => {
    const [warning] = findUnknownNames({ JIGASI_SIP_PASSWORD: 'hunter2' });
    expect(warning?.message).not.toContain('hunter2');
  });
});

describe('documents', () => {
  const root = new URL('../../../', import.meta.url);

  test.each([
    ['env.example', writeEnvExample],
    ['docs/settings.md', writeSettingsPage],
  ])('%s is current (node --import tsx server/src/settings/write-docs.ts)', (path, write) => {
    expect(readFileSync(new URL(path, root), 'utf8')).toBe(write());
  });

  test('every name of docker-jitsi-meet has a status', () => {
    expect(Object.keys(JITSI_NAMES)).toHaveLength(473);
  });
});
