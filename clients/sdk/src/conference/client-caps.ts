/** What this client can do, as entity capabilities (XEP-0115) and in answers to service discovery (XEP-0030). */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { capsVerificationText, type DiscoInfo, discoInfoToXml, NS } from '@conclave/protocols/xmpp';
import type { IqHandler } from '../xmpp/iq-handlers.ts';

const NODE = 'https://conclave.example/web';

const SSRC_REWRITING = 'http://jitsi.org/ssrc-rewriting-1';

/** Only what is really there: the focus builds its offer from these. */
const FEATURES = [
  'urn:xmpp:jingle:apps:rtp:audio',
  'urn:xmpp:jingle:apps:rtp:video',
  'urn:xmpp:jingle:transports:ice-udp:1',
  'urn:xmpp:jingle:apps:dtls:0',
  'urn:xmpp:jingle:transports:dtls-sctp:1',
  'urn:ietf:rfc:4588',
  'http://jitsi.org/tcc',
  'http://jitsi.org/source-name',
  'http://jitsi.org/receive-multiple-video-streams',
  'http://jitsi.org/json-encoded-sources',
] as const;

/** What may be switched off. */
export interface ClientAbilities {
  /** Takes SSRCs of the bridge's, whose owners change, instead of being told of every source. */
  readonly ssrcRewriting: boolean;
}

export function clientInfo({ ssrcRewriting }: ClientAbilities): DiscoInfo {
  return {
    identities: [{ category: 'client', type: 'web', name: 'Conclave' }],
    features: [...FEATURES, ...(ssrcRewriting ? [SSRC_REWRITING] : [])],
  };
}

/** The `c` element of our presence. */
export async function capsElement(
  sha1Base64: (text: string) => Promise<string>,
  info: DiscoInfo,
): Promise<XmlElement> {
  const ver = await sha1Base64(capsVerificationText(info));
  return xml('c', NS.caps, { hash: 'sha-1', node: NODE, ver });
}

/** Answers disco#info with our features, whatever node is asked for. */
export function answerDiscoInfo(info: DiscoInfo): IqHandler {
  return (iq, payload) => {
    if (iq.attribute('type') !== 'get' || payload.ns !== NS.discoInfo) return undefined;
    const node = payload.attribute('node');
    return {
      type: 'result',
      payload: discoInfoToXml(node === undefined ? info : { ...info, node }),
    };
  };
}
