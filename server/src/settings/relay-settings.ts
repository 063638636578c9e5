/** STUN and TURN servers elsewhere that clients are told of (XEP-0215). */
import { hostList } from './address-kinds.ts';
import { choice, integer, port, secret, text } from './value-kinds.ts';

const group = 'External STUN and TURN servers';

export const RELAY_SETTINGS = {
  STUN_HOST: hostList({ group, sentence: 'STUN servers that clients may ask.' }),
  STUN_PORT: port({ group, default: 443, sentence: 'UDP port of the STUN servers.' }),
  TURN_HOST: hostList({ group, sentence: 'TURN servers that clients may relay through.' }),
  TURN_PORT: port({ group, default: 443, sentence: 'Port of the TURN servers.' }),
  TURN_TRANSPORT: choice({
    group,
    default: 'tcp',
    values: ['tcp', 'udp', 'tcp,udp', 'udp,tcp'],
    sentence: 'How clients reach the TURN servers.',
  }),
  TURNS_HOST: hostList({ group, sentence: 'TURN servers that are reached over TLS.' }),
  TURNS_PORT: port({
    group,
    default: 443,
    sentence: 'TCP port of the TURN servers over TLS.',
  }),
  TURN_CREDENTIALS: secret({
    group,
    sentence: 'Secret shared with the TURN servers, from which short-lived credentials are made.',
  }),
  TURN_TTL: integer({
    group,
    default: 86400,
    min: 60,
    max: 604800,
    unit: 'of seconds',
    sentence: 'How long such credentials are good.',
  }),
  TURN_USERNAME: text({
    group,
    sentence: 'Fixed user name at the TURN servers, when there is no shared secret.',
  }),
  TURN_PASSWORD: secret({ group, sentence: 'Its password.' }),
} as const;
