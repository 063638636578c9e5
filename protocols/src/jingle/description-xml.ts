/** The RTP description: codecs, feedback, header extensions, sources (XEP-0167, 0293, 0294, 0339). */
import type { HeaderExtension, PayloadType, RtcpFeedback } from '../colibri/index.ts';
import { type XmlElement, xml } from '../xml/index.ts';
import type { JingleDescription } from './jingle.ts';
import { type JingleBudget, parseInteger } from './limits.ts';
import { RTCP_FB_NS, RTP_HDREXT_NS, RTP_NS } from './namespaces.ts';
import { groupFromXml, groupToXml, sourceFromXml, sourceToXml } from './source-xml.ts';

export function descriptionToXml(description: JingleDescription): XmlElement {
  return xml(
    'description',
    RTP_NS,
    { media: description.media },
    ...description.payloadTypes.map(payloadTypeToXml),
    ...description.rtcpFeedback.map(feedbackToXml),
    ...description.headerExtensions.map(({ id, uri }) =>
      xml('rtp-hdrext', RTP_HDREXT_NS, { id: String(id), uri }),
    ),
    description.extmapAllowMixed ? xml('extmap-allow-mixed', RTP_HDREXT_NS) : undefined,
    description.rtcpMux ? xml('rtcp-mux', RTP_NS) : undefined,
    ...description.sources.map(sourceToXml),
    ...description.groups.map(groupToXml),
  );
}

function payloadTypeToXml(payloadType: PayloadType): XmlElement {
  const element = xml('payload-type', RTP_NS, {
    id: String(payloadType.id),
    name: payloadType.name,
    clockrate: String(payloadType.clockRateHz),
    channels: payloadType.channels?.toString(),
  });
  for (const [name, value] of Object.entries(payloadType.parameters)) {
    // RED has a bare value: a parameter without a name.
    element.append(xml('parameter', RTP_NS, { name: name === '' ? undefined : name, value }));
  }
  return element.append(...payloadType.rtcpFeedback.map(feedbackToXml));
}

function feedbackToXml({ type, subtype }: RtcpFeedback): XmlElement {
  return xml('rtcp-fb', RTCP_FB_NS, { type, subtype });
}

/** Undefined for media other than audio and video. Unusable codecs and extensions are left out. */
export function descriptionFromXml(
  element: XmlElement,
  budget: JingleBudget,
): JingleDescription | undefined {
  const { limits } = budget;
  const media = element.attribute('media');
  if (media !== 'audio' && media !== 'video') return undefined;
  const payloadTypes = budget.list(
    element.childrenNamed('payload-type'),
    limits.payloadTypes,
    'payload types',
  );
  const extensions = budget.list(
    element.childrenNamed('rtp-hdrext'),
    limits.headerExtensions,
    'header extensions',
  );
  return {
    media,
    payloadTypes: payloadTypes
      .map((child) => payloadTypeFromXml(child, budget))
      .filter((payloadType) => payloadType !== undefined),
    headerExtensions: extensions
      .map((child) => extensionFromXml(child, budget))
      .filter((extension) => extension !== undefined),
    rtcpFeedback: feedbackFromXml(element, budget),
    rtcpMux: element.child('rtcp-mux') !== undefined,
    extmapAllowMixed: element.child('extmap-allow-mixed') !== undefined,
    sources: element
      .childrenNamed('source')
      .map((child) => sourceFromXml(child, budget))
      .filter((source) => source !== undefined),
    groups: element
      .childrenNamed('ssrc-group')
      .map((child) => groupFromXml(child, budget))
      .filter((group) => group !== undefined),
  };
}

function payloadTypeFromXml(element: XmlElement, budget: JingleBudget): PayloadType | undefined {
  const id = parseInteger(element.attribute('id'), 0, 127);
  const name = budget.text(element.attribute('name'));
  const clockRateHz = parseInteger(element.attribute('clockrate'), 1, 1_000_000);
  if (id === undefined || name === undefined || clockRateHz === undefined) return undefined;
  const channels = parseInteger(element.attribute('channels'), 1, 255);
  // No prototype: names come from the network.
  const parameters: Record<string, string> = Object.create(null);
  const elements = element.childrenNamed('parameter');
  for (const child of budget.list(elements, budget.limits.parameters, 'parameters')) {
    const key = budget.text(child.attribute('name')) ?? '';
    parameters[key] = budget.text(child.attribute('value')) ?? '';
  }
  return {
    id,
    name,
    clockRateHz,
    ...(channels !== undefined && { channels }),
    parameters,
    rtcpFeedback: feedbackFromXml(element, budget),
  };
}

function feedbackFromXml(element: XmlElement, budget: JingleBudget): RtcpFeedback[] {
  const out: RtcpFeedback[] = [];
  const elements = element.childrenNamed('rtcp-fb');
  for (const child of budget.list(elements, budget.limits.parameters, 'rtcp-fb elements')) {
    const type = budget.text(child.attribute('type'));
    const subtype = budget.text(child.attribute('subtype'));
    if (type === undefined || type === '') continue;
    out.push(subtype === undefined || subtype === '' ? { type } : { type, subtype });
  }
  return out;
}

function extensionFromXml(element: XmlElement, budget: JingleBudget): HeaderExtension | undefined {
  const id = parseInteger(element.attribute('id'), 1, 255);
  const uri = budget.text(element.attribute('uri'));
  return id === undefined || uri === undefined || uri === '' ? undefined : { id, uri };
}
