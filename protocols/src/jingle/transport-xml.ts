/** The ICE-UDP transport with DTLS fingerprint and bridge channel (XEP-0176, XEP-0320, XEP-0343). */
import type { DtlsFingerprint, IceCandidate } from '../colibri/index.ts';
import { type XmlElement, xml } from '../xml/index.ts';
import type { JingleTransport } from './jingle.ts';
import { type JingleBudget, parseInteger } from './limits.ts';
import { COLIBRI_NS, DTLS_NS, ICE_UDP_NS, SCTP_NS } from './namespaces.ts';

export function transportToXml(transport: JingleTransport): XmlElement {
  const element = xml('transport', ICE_UDP_NS, {
    ufrag: transport.ufrag,
    pwd: transport.password,
    'ice-generation': transport.iceGeneration?.toString(),
  });
  if (transport.webSocketUrl !== undefined) {
    element.append(xml('web-socket', COLIBRI_NS, { url: transport.webSocketUrl }));
  }
  if (transport.sctpPort !== undefined) {
    element.append(
      xml('sctpmap', SCTP_NS, {
        number: String(transport.sctpPort),
        protocol: 'webrtc-datachannel',
        streams: '1024',
      }),
    );
  }
  for (const { hash, value, setup } of transport.fingerprints) {
    element.append(xml('fingerprint', DTLS_NS, { hash, setup, required: 'false' }, value));
  }
  transport.candidates.forEach((candidate, index) => {
    element.append(candidateToXml(candidate, index));
  });
  return element;
}

function candidateToXml(candidate: IceCandidate, index: number): XmlElement {
  return xml('candidate', ICE_UDP_NS, {
    component: String(candidate.component),
    foundation: candidate.foundation,
    generation: String(candidate.generation ?? 0),
    id: `c${index}`,
    network: '0',
    ip: candidate.address,
    port: String(candidate.port),
    priority: String(candidate.priority),
    protocol: candidate.protocol,
    type: candidate.type,
    'rel-addr': candidate.relatedAddress,
    'rel-port': candidate.relatedPort?.toString(),
    tcptype: candidate.tcpType,
  });
}

/** Undefined when there are no ICE credentials (RFC 8839 §5.4). Unusable candidates and fingerprints are left out. */
export function transportFromXml(
  element: XmlElement,
  budget: JingleBudget,
): JingleTransport | undefined {
  const { limits } = budget;
  const ufrag = budget.text(element.attribute('ufrag'));
  const password = budget.text(element.attribute('pwd'));
  if (ufrag === undefined || password === undefined || ufrag === '' || password === '') {
    return undefined;
  }
  const candidateElements = budget.list(
    element.childrenNamed('candidate'),
    limits.candidates,
    'candidates',
  );
  const fingerprintElements = budget.list(
    element.childrenNamed('fingerprint'),
    limits.fingerprints,
    'fingerprints',
  );
  const webSocketUrl = budget.text(element.child('web-socket')?.attribute('url'));
  const iceGeneration = parseInteger(element.attribute('ice-generation'), 0, 1_000_000);
  const sctpPort = parseInteger(element.child('sctpmap')?.attribute('number'), 1, 65_535);
  return {
    ufrag,
    password,
    candidates: candidateElements
      .map((child) => candidateFromXml(child, budget))
      .filter((candidate) => candidate !== undefined),
    fingerprints: fingerprintElements
      .map((child) => fingerprintFromXml(child, budget))
      .filter((fingerprint) => fingerprint !== undefined),
    ...(webSocketUrl !== undefined && { webSocketUrl }),
    ...(iceGeneration !== undefined && { iceGeneration }),
    ...(sctpPort !== undefined && { sctpPort }),
  };
}

function fingerprintFromXml(
  element: XmlElement,
  budget: JingleBudget,
): DtlsFingerprint | undefined {
  const hash = budget.text(element.attribute('hash'))?.toLowerCase();
  const value = (budget.text(element.text) ?? '').trim().toUpperCase();
  const setup = element.attribute('setup') ?? 'actpass';
  if (hash === undefined || !/^[0-9A-F]{2}(:[0-9A-F]{2}){15,63}$/.test(value)) return undefined;
  if (setup !== 'actpass' && setup !== 'active' && setup !== 'passive') return undefined;
  return { hash, value, setup };
}

function candidateFromXml(element: XmlElement, budget: JingleBudget): IceCandidate | undefined {
  const foundation = budget.text(element.attribute('foundation')) ?? '';
  const component = parseInteger(element.attribute('component'), 1, 256);
  const protocol = element.attribute('protocol')?.toLowerCase();
  const priority = parseInteger(element.attribute('priority'), 0, 0xffff_ffff);
  const address = budget.text(element.attribute('ip'));
  const port = parseInteger(element.attribute('port'), 0, 65_535);
  const type = element.attribute('type');
  if (component === undefined || priority === undefined || port === undefined) return undefined;
  if (address === undefined || address === '') return undefined;
  if (protocol !== 'udp' && protocol !== 'tcp') return undefined;
  if (type !== 'host' && type !== 'srflx' && type !== 'prflx' && type !== 'relay') return undefined;
  const relatedAddress = budget.text(element.attribute('rel-addr'));
  const relatedPort = parseInteger(element.attribute('rel-port'), 0, 65_535);
  const tcpType = budget.text(element.attribute('tcptype'));
  const generation = parseInteger(element.attribute('generation'), 0, 1_000_000);
  return {
    foundation,
    component,
    protocol,
    priority,
    address,
    port,
    type,
    ...(relatedAddress !== undefined && { relatedAddress }),
    ...(relatedPort !== undefined && { relatedPort }),
    ...(tcpType !== undefined && { tcpType }),
    ...(generation !== undefined && { generation }),
  };
}
