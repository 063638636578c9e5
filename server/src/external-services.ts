/**
 * STUN and TURN servers beside this one, as clients are told of them (XEP-0215). Credentials are made
 * for each asker: a user name that is its own end, and a MAC of it (TURN REST API, as coturn has it).
 */
import { createHmac } from 'node:crypto';
import type { ExternalService } from '@conclave/xmpp-server';
import type { Settings } from './settings/index.ts';

/** What the settings say, with credentials good from `wallMs` (Unix time, milliseconds). */
export function externalServices(settings: Settings, wallMs: number): ExternalService[] {
  const credentials = turnCredentials(settings, wallMs);
  const transports = settings.TURN_TRANSPORT.split(',').map((name) =>
    name === 'udp' ? 'udp' : 'tcp',
  );
  return [
    ...settings.STUN_HOST.map((host) => ({
      type: 'stun' as const,
      host,
      port: settings.STUN_PORT,
      transport: 'udp' as const,
    })),
    ...settings.TURN_HOST.flatMap((host) =>
      transports.map((transport) => ({
        type: 'turn' as const,
        host,
        port: settings.TURN_PORT,
        transport: transport as 'udp' | 'tcp',
        ...credentials,
      })),
    ),
    ...settings.TURNS_HOST.map((host) => ({
      type: 'turns' as const,
      host,
      port: settings.TURNS_PORT,
      transport: 'tcp' as const,
      ...credentials,
    })),
  ];
}

interface Credentials {
  readonly username?: string;
  readonly password?: string;
  readonly expires?: string;
}

function turnCredentials(settings: Settings, wallMs: number): Credentials {
  if (settings.TURN_CREDENTIALS !== '') {
    const endS = Math.floor(wallMs / 1000) + settings.TURN_TTL;
    const username = String(endS);
    const mac = createHmac('sha1', settings.TURN_CREDENTIALS).update(username).digest('base64');
    return { username, password: mac, expires: new Date(endS * 1000).toISOString() };
  }
  if (settings.TURN_USERNAME === '') return {};
  return { username: settings.TURN_USERNAME, password: settings.TURN_PASSWORD };
}
