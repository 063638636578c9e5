/** Settings of the videobridge: its port, its addresses and what it forwards. */
import { addressList, hostPortList } from './address-kinds.ts';
import { decimal, flag, integer, port } from './value-kinds.ts';

const group = 'Videobridge';

export const MEDIA_SETTINGS = {
  JVB_PORT: port({ group, default: 10000, sentence: 'UDP port for all media.' }),
  JVB_ADVERTISE_IPS: addressList({
    group,
    sentence:
      'Addresses under which clients reach the media port from outside (NAT, port forwarding), besides the local ones.',
  }),
  DOCKER_HOST_ADDRESS: addressList({
    group,
    sentence: 'Older name of JVB_ADVERTISE_IPS; both are used.',
  }),
  JVB_STUN_SERVERS: hostPortList({
    group,
    sentence:
      'STUN servers that tell the address of this machine in front of its NAT, asked every 25 s from the media port; none by default, because they would be a third party. JVB_ADVERTISE_IPS needs none.',
  }),
  JVB_ADVERTISE_PRIVATE_CANDIDATES: flag({
    group,
    default: true,
    sentence:
      'Also offer the addresses of this machine when JVB_ADVERTISE_IPS is set; off when they lead nowhere.',
  }),
  ENABLE_IPV6: flag({
    group,
    default: true,
    sentence: 'Also offer IPv6 addresses of this machine for media.',
  }),
  COLIBRI_REST_ENABLED: flag({
    group,
    default: false,
    sentence:
      'Figures for monitoring on a private port of this machine only (127.0.0.1): /metrics for Prometheus, /colibri/stats, /about/health.',
  }),
  SHUTDOWN_REST_ENABLED: flag({
    group,
    default: false,
    sentence:
      'POST /colibri/shutdown on the private port ends the server: with {"graceful-shutdown": true} when the last meeting is over (as SIGQUIT does), with false at once. Needs COLIBRI_REST_ENABLED or ADMIN_API_ENABLED.',
  }),
  JVB_WORKERS: integer({
    group,
    default: 0,
    min: 0,
    max: 16,
    zero: 'is one for each core of this machine',
    sentence:
      'Threads that carry media, all on JVB_PORT. One runs from the start, the others are started when there is something for them to do, and ended after five minutes with nothing.',
  }),
  ENABLE_OCTO: flag({
    group,
    default: true,
    sentence:
      'A conference that is too much for one of these threads may be on several, which pass its media on to each other.',
  }),
  MAX_BRIDGE_PARTICIPANTS: integer({
    group,
    default: 80,
    min: 1,
    max: 1000,
    sentence:
      'People of one conference on one thread; more go to another, as long as there is one (ENABLE_OCTO).',
  }),
  BRIDGE_STRESS_THRESHOLD: decimal({
    group,
    default: '0.8',
    min: 0.01,
    max: 10,
    sentence:
      'A thread with this load or more (1 is nine tenths of a core) gets no more people as long as another has less.',
  }),
  BRIDGE_AVG_PARTICIPANT_STRESS: decimal({
    group,
    default: '0.01',
    min: 0,
    max: 1,
    sentence: 'Load that is expected of somebody who has just joined, until it shows.',
  }),
  JICOFO_ENABLE_LOAD_REDISTRIBUTION: flag({
    group,
    default: true,
    sentence:
      'Move people away from a thread with a load of 0.9 or more to one that has room: ten at a time, at most every three minutes; each misses about a second. Off in docker-jitsi-meet; needs ENABLE_OCTO.',
  }),
  JVB_LOAD_REDUCER_ENABLED: flag({
    group,
    default: true,
    sentence:
      'A thread with a load of 1 or more sends everybody fewer videos at a time, those on stage and of whoever spoke last first, until it can bear it. Off by default in Jitsi, where it has no variable.',
  }),
  JVB_CC_TRUST_BWE: flag({
    group,
    default: true,
    sentence:
      'Send each client no more video than its network is measured to carry; off sends what it asks for.',
  }),
  JVB_LOUDEST_VOICES: integer({
    group,
    default: 0,
    min: 0,
    max: 100,
    sentence:
      'Forward only so many voices of a conference at a time, the loudest and whoever leads the talk; 0 forwards all. 3 spares large conferences much.',
  }),
  JVB_SSRC_LIMIT_AUDIO: integer({
    group,
    default: 50,
    min: 1,
    max: 500,
    sentence:
      'Voices that a client with JICOFO_CONF_SSRC_REWRITING hears at a time at most: the loudest.',
  }),
  JVB_SSRC_LIMIT_VIDEO: integer({
    group,
    default: 50,
    min: 1,
    max: 500,
    sentence:
      'Cameras and screens that a client with JICOFO_CONF_SSRC_REWRITING sees at a time at most.',
  }),
  JVB_PREFER_SCTP: flag({
    group,
    default: false,
    sentence:
      'Clients open the bridge channel as an SCTP data channel instead of a WebSocket. A WebSocket is opened again when it breaks; Jitsi clients do not do that with a data channel.',
  }),
  JVB_COLIBRI_PORT: port({
    group,
    default: 8080,
    sentence: 'TCP port of these figures and of the admin API: the private port.',
  }),
} as const;
