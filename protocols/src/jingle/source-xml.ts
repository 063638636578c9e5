/** `source` and `ssrc-group` elements (XEP-0339) with Jitsi's name, videoType and owner. */
import type { SsrcGroup } from '../colibri/index.ts';
import { type XmlElement, xml } from '../xml/index.ts';
import type { JingleSource, VideoType } from './jingle.ts';
import { type JingleBudget, JingleRefused, MAX_SSRC, parseInteger } from './limits.ts';
import { JITMEET_NS, SSMA_NS } from './namespaces.ts';

export function sourceToXml(source: JingleSource): XmlElement {
  return xml(
    'source',
    SSMA_NS,
    { ssrc: String(source.ssrc), name: source.name, videoType: source.videoType },
    // Clients keep only the first line of an SSRC when they split m-lines: msid comes first and alone.
    source.msid === undefined
      ? undefined
      : xml('parameter', SSMA_NS, { name: 'msid', value: source.msid }),
    source.owner === undefined ? undefined : xml('ssrc-info', JITMEET_NS, { owner: source.owner }),
  );
}

export function groupToXml(group: SsrcGroup): XmlElement {
  return xml(
    'ssrc-group',
    SSMA_NS,
    { semantics: group.semantics },
    // The client's selectors look for a literal xmlns, which the writer omits where it is inherited.
    ...group.ssrcs.map((ssrc) => xml('source', '', { xmlns: SSMA_NS, ssrc: String(ssrc) })),
  );
}

/** Undefined for a source without SSRC (`rid` sources of old Firefox). Refuses SSRCs that are not 32-bit decimals. */
export function sourceFromXml(element: XmlElement, budget: JingleBudget): JingleSource | undefined {
  const text = element.attribute('ssrc');
  if (text === undefined) return undefined;
  budget.countSource();
  const ssrc = parseInteger(text, 0, MAX_SSRC);
  if (ssrc === undefined) throw new JingleRefused('invalid SSRC');
  const name = budget.text(element.attribute('name'));
  const videoType = videoTypeFromText(element.attribute('videoType'));
  const owner = budget.text(element.child('ssrc-info')?.attribute('owner'));
  let msid: string | undefined;
  for (const parameter of element.childrenNamed('parameter')) {
    if (parameter.attribute('name') === 'msid') msid ??= budget.text(parameter.attribute('value'));
  }
  return {
    ssrc,
    ...(name !== undefined && name !== '' && { name }),
    ...(videoType !== undefined && { videoType }),
    ...(msid !== undefined && msid !== '' && { msid }),
    ...(owner !== undefined && { owner }),
  };
}

/** Undefined for semantics other than SIM and FID, which Jitsi ignores. */
export function groupFromXml(element: XmlElement, budget: JingleBudget): SsrcGroup | undefined {
  budget.countGroup();
  const semantics = element.attribute('semantics');
  if (semantics !== 'SIM' && semantics !== 'FID') return undefined;
  const members = budget.list(
    element.childrenNamed('source'),
    budget.limits.groupMembers,
    'members in a source group',
  );
  const ssrcs = members.map((member) => {
    const ssrc = parseInteger(member.attribute('ssrc'), 0, MAX_SSRC);
    if (ssrc === undefined) throw new JingleRefused('invalid SSRC in a source group');
    return ssrc;
  });
  return { semantics, ssrcs };
}

function videoTypeFromText(text: string | undefined): VideoType | undefined {
  if (text === 'camera' || text === 'desktop') return text;
  return text === 'desktop_high_fps' ? 'desktop' : undefined;
}
