/** What scripted clients send, and what they can do. */
import type { OwnedSources } from '@conclave/protocols/jingle';

export const MODERN_FEATURES = [
  'http://jitsi.org/json-encoded-sources',
  'http://jitsi.org/receive-multiple-video-streams',
  'http://jitsi.org/source-name',
  'http://jitsi.org/tcc',
  'urn:ietf:rfc:4588',
  'urn:xmpp:jingle:apps:rtp:audio',
  'urn:xmpp:jingle:apps:rtp:video',
];
/** December 2021: JSON, but no names and one video per participant. */
export const OLD_FEATURES = MODERN_FEATURES.filter(
  (feature) => !feature.includes('source-name') && !feature.includes('multiple-video'),
);

/** One microphone. */
export function microphone(owner: string, ssrc: number, name = `${owner}-a0`): OwnedSources {
  const source = { type: 'audio' as const, ssrc, name, msid: `${name}-stream ${name}-track` };
  return { owner: '', sources: [source], groups: [] };
}

/** One camera (or screen) with three simulcast layers `first`..`first`+2 and their RTX `first`+10.. */
export function camera(
  owner: string,
  first: number,
  name = `${owner}-v0`,
  videoType: 'camera' | 'desktop' = 'camera',
): OwnedSources {
  const layers = [first, first + 1, first + 2];
  const msid = `${name}-stream ${name}-track`;
  return {
    owner: '',
    sources: [...layers, ...layers.map((ssrc) => ssrc + 10)].map((ssrc) => ({
      type: 'video',
      ssrc,
      name,
      videoType,
      msid,
    })),
    groups: [
      { type: 'video', semantics: 'SIM', ssrcs: layers },
      ...layers.map((ssrc) => ({
        type: 'video' as const,
        semantics: 'FID' as const,
        ssrcs: [ssrc, ssrc + 10],
      })),
    ],
  };
}

/** As a client of December 2021 signals: no names, no video types. */
export function withoutNames(owned: OwnedSources): OwnedSources {
  return {
    ...owned,
    sources: owned.sources.map(({ type, ssrc, msid = '' }) => ({ type, ssrc, msid })),
  };
}
