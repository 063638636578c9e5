import { describe, expect, test } from 'vitest';
import { readConfig, readHash } from './read-config.ts';

const config = {
  hosts: { domain: 'meet.jitsi', muc: 'muc.meet.jitsi' },
  websocket: 'wss://localhost:8443/xmpp-websocket',
};

const at = (hash: string, search = '') => ({ hash, search });

describe('readConfig', () => {
  test('takes what the server says and fills in the rest', () => {
    expect(readConfig(config, at(''))).toEqual({
      domain: 'meet.jitsi',
      guestDomain: undefined,
      hasToken: false,
      passwordLogIn: false,
      logInTemplates: [],
      mucDomain: 'muc.meet.jitsi',
      focusAddress: 'focus.meet.jitsi',
      serviceUrl: 'wss://localhost:8443/xmpp-websocket',
      prejoinEnabled: true,
      ssrcRewriting: true,
      startWithAudioMuted: false,
      startWithVideoMuted: false,
      displayName: undefined,
    });
  });

  test('reads the ways to log in', () => {
    const read = (more: object) => readConfig({ ...config, ...more }, at('#jwt=a.b.c'));
    const tokenAuthUrl = 'https://login.example.com/{room}';
    expect(read({ tokenAuthUrl })).toMatchObject({
      hasToken: true,
      passwordLogIn: false,
      logInTemplates: [{ label: '', url: tokenAuthUrl }],
    });
    const logInMethods = [
      { type: 'url', url: '/log-in/oidc', label: 'Example' },
      { type: 'url' },
      'x',
    ];
    expect(read({ logInMethods })).toMatchObject({
      passwordLogIn: false,
      logInTemplates: [{ label: 'Example', url: '/log-in/oidc' }],
    });
    expect(read({ logInMethods: [{ type: 'password' }] })).toMatchObject({
      passwordLogIn: true,
      logInTemplates: [],
    });
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['text', 'config'],
    ['no hosts', { websocket: config.websocket }],
    ['no MUC', { ...config, hosts: { domain: 'x' } }],
    ['no WebSocket', { hosts: config.hosts }],
    ['another kind of address', { ...config, websocket: 'javascript:alert(1)' }],
    ['numbers for names', { ...config, hosts: { domain: 1, muc: 2 } }],
  ])('refuses %s', (_, value) => {
    expect(readConfig(value, at(''))).toBeUndefined();
  });

  test.each([
    ['#config.prejoinConfig.enabled=false', { prejoinEnabled: false }],
    ['#config.prejoinConfig=%7B%22enabled%22%3Afalse%7D', { prejoinEnabled: false }],
    ['#config.startWithAudioMuted=true', { startWithAudioMuted: true }],
    ['#config.startWithVideoMuted=true', { startWithVideoMuted: true }],
    ['#userInfo.displayName=%22Ada%20L%22', { displayName: 'Ada L' }],
    ['#userInfo.displayName=Ada', { displayName: 'Ada' }],
    ['#config.startWithAudioMuted=maybe', { startWithAudioMuted: false }],
  ])('honours %s', (hash, expected) => {
    expect(readConfig(config, at(hash))).toMatchObject(expected);
  });

  test.each([
    ['', '?jwt=aaa.bbb.ccc', '?token=aaa.bbb.ccc'],
    ['#jwt=aaa.bbb.ccc', '', '?token=aaa.bbb.ccc'],
    ['#jwt=two', '?jwt=one', '?token=one'],
    ['', '?jwt=a%26b%3Dc', '?token=a%26b%3Dc'],
    ['#jwt=', '?jwt=', ''],
  ])('takes the token of the address %j %j along', (hash, search, query) => {
    expect(readConfig(config, at(hash, search))?.serviceUrl).toBe(`${config.websocket}${query}`);
  });

  test('nobody can point the page at another server by its address', () => {
    const hash = '#config.websocket="wss://evil.example/"&config.hosts={"domain":"evil"}';
    expect(readConfig(config, at(hash))).toEqual(readConfig(config, at('')));
  });
});

describe('readHash', () => {
  test.each(['', '#', '#=&==&a', `#${'a=1&'.repeat(1000)}`, '#a=%ZZ'])('survives %j', (hash) => {
    expect(readHash(hash).size).toBeLessThanOrEqual(2);
  });
});
