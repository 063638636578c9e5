import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { readSettings, type Settings } from '../settings/index.ts';
import { clientAddress } from './client-address.ts';
import { clientConfig, INTERFACE_CONFIG_JS, writeConfigJs } from './config-js.ts';

function settings(environment: Record<string, string> = {}): Settings {
  const result = readSettings(environment);
  if ('problems' in result) throw new Error('settings');
  return result.settings;
}

function evaluate(environment: Record<string, string> = {}, host = 'localhost:8443', tenant = '') {
  const all = settings(environment);
  const address = clientAddress(all.PUBLIC_URL, host, true);
  if (address === undefined) throw new Error('no address');
  const sandbox: { config?: Record<string, unknown> } = {};
  runInNewContext(writeConfigJs(clientConfig(all, address, [], tenant)), sandbox);
  return JSON.parse(JSON.stringify(sandbox.config)) as Record<string, never>;
}

describe('config.js', () => {
  test('is a plain global object that a bare sandbox can evaluate', () => {
    expect(evaluate()).toMatchObject({
      hosts: { domain: 'meet.jitsi', muc: 'muc.meet.jitsi', focus: 'focus.meet.jitsi' },
      websocket: 'wss://localhost:8443/xmpp-websocket',
      websocketKeepAliveUrl: 'https://localhost:8443/xmpp-websocket',
      p2p: { enabled: true, stunServers: [] },
      videoQuality: { codecPreferenceOrder: ['VP8', 'VP9', 'H264', 'AV1'] },
      flags: { ssrcRewritingEnabled: true, rtpMidDemuxEnabled: true },
      bridgeChannel: { preferSctp: false },
      channelLastN: -1,
    });
  });

  test('says the address that the client used, or PUBLIC_URL', () => {
    expect(evaluate({}, '192.0.2.1:8443').websocket).toBe('wss://192.0.2.1:8443/xmpp-websocket');
    expect(evaluate({ PUBLIC_URL: 'https://meet.example.com' }, 'other').websocket).toBe(
      'wss://meet.example.com/xmpp-websocket',
    );
  });

  test('follows the settings', () => {
    expect(
      evaluate({
        ENABLE_P2P: '0',
        P2P_STUN_SERVERS: 'stun.example.com:3478',
        XMPP_DOMAIN: 'meet.example',
        RESOLUTION: '360',
        START_WITH_AUDIO_MUTED: '1',
        ENABLE_SIMULCAST: '0',
        ENABLE_CODEC_H264: '0',
        CODEC_ORDER_JVB: '["AV1", "h264", "VP8"]',
      }),
    ).toMatchObject({
      hosts: { domain: 'meet.example', muc: 'muc.meet.example' },
      p2p: { enabled: false, stunServers: [{ urls: 'stun:stun.example.com:3478' }] },
      resolution: 360,
      startWithAudioMuted: true,
      disableSimulcast: true,
      videoQuality: { codecPreferenceOrder: ['AV1', 'VP8'], preferredCodec: 'AV1' },
    });
  });

  test('has the addresses of a tenant', () => {
    expect(evaluate({}, 'localhost', 'acme')).toMatchObject({
      hosts: { domain: 'meet.jitsi', muc: 'muc.acme.meet.jitsi', focus: 'focus.meet.jitsi' },
      websocket: 'wss://localhost/acme/xmpp-websocket',
      websocketKeepAliveUrl: 'https://localhost/acme/xmpp-websocket',
      bosh: 'https://localhost/acme/http-bind',
    });
  });

  test('names the log-in page only when there is something to log in to', () => {
    const url = 'https://login.example.com/?room={room}&state={state}';
    const jwt = { ENABLE_AUTH: '1', AUTH_TYPE: 'jwt', JWT_APP_ID: 'a', JWT_APP_SECRET: 'hunter2' };
    expect(evaluate({ ...jwt, TOKEN_AUTH_URL: url }).tokenAuthUrl).toBe(url);
    expect(evaluate({ TOKEN_AUTH_URL: url })).not.toHaveProperty('tokenAuthUrl');
    expect(JSON.stringify(evaluate(jwt))).not.toMatch(/hunter2|tokenAuthUrl/);
  });

  test('asks no third party', () => {
    expect(JSON.stringify(evaluate())).not.toMatch(/jitsi\.net|google|https?:\/\/(?!localhost)/);
  });

  test('interface_config.js is a global too', () => {
    const sandbox: { interfaceConfig?: { APP_NAME: string } } = {};
    runInNewContext(INTERFACE_CONFIG_JS, sandbox);
    expect(sandbox.interfaceConfig?.APP_NAME).toBe('Conclave');
  });
});
