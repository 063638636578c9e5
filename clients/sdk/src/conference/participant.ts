/** A person in the room, read from room presence (XEP-0045, and the elements Jitsi clients put in). */
import type { XmlElement } from '@conclave/protocols/xml';
import { mucUserFromXml, NS } from '@conclave/protocols/xmpp';

export interface ParticipantSource {
  /** `<participant id>-a0`, `-v0`, `-v1`. */
  readonly name: string;
  readonly type: 'audio' | 'video';
  readonly muted: boolean;
  readonly videoType: 'camera' | 'desktop';
}

export interface Participant {
  /** Nickname in the room; endpoint id at the bridge. */
  readonly id: string;
  /** Real address, by which moderators name somebody; undefined when the room hides it. */
  readonly jid: string | undefined;
  /** Empty when the person gave none. */
  readonly displayName: string;
  readonly isModerator: boolean;
  /** Looks on: sends neither sound nor picture. Others who do are not in the room for us. */
  readonly isVisitor: boolean;
  readonly sources: readonly ParticipantSource[];
  readonly audioMuted: boolean;
  /** No camera picture; a shared screen does not count. */
  readonly videoMuted: boolean;
  readonly raisedHand: boolean;
  /** When it went up, to ask in turn: Unix time in ms by the clock of that person; 0 when unknown. */
  readonly handRaisedMs: number;
}

const MAX_NAME_LENGTH = 200;
const MAX_SOURCES = 20;
const MAX_SOURCE_INFO_LENGTH = 8_192;

function readSourceInfo(id: string, text: string): ParticipantSource[] | undefined {
  if (text.length > MAX_SOURCE_INFO_LENGTH) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
  const sources: ParticipantSource[] = [];
  for (const [name, info] of Object.entries(json)) {
    // Nobody speaks for the sources of others.
    const kind = name.startsWith(`${id}-`)
      ? /^([av])\d{1,3}$/.exec(name.slice(id.length + 1))
      : null;
    if (kind === null || typeof info !== 'object' || info === null) continue;
    if (sources.length === MAX_SOURCES) break;
    sources.push({
      name,
      type: kind[1] === 'a' ? 'audio' : 'video',
      muted: 'muted' in info && info.muted === true,
      videoType: 'videoType' in info && info.videoType === 'desktop' ? 'desktop' : 'camera',
    });
  }
  return sources;
}

/** Clients without SourceInfo say it in these elements. */
function readLegacySources(id: string, presence: XmlElement): ParticipantSource[] {
  const audio = presence.child('audiomuted')?.text;
  const video = presence.child('videomuted')?.text;
  const videoType = presence.child('videoType')?.text === 'desktop' ? 'desktop' : 'camera';
  const sources: ParticipantSource[] = [];
  if (audio !== undefined) {
    sources.push({ name: `${id}-a0`, type: 'audio', muted: audio === 'true', videoType: 'camera' });
  }
  if (video !== undefined) {
    sources.push({ name: `${id}-v0`, type: 'video', muted: video === 'true', videoType });
  }
  return sources;
}

/** Ourselves, before the room has said anything. */
export function ownParticipant(id: string, jid: string, displayName: string): Participant {
  return {
    id,
    jid,
    displayName,
    isModerator: false,
    isVisitor: false,
    sources: [],
    audioMuted: true,
    videoMuted: true,
    raisedHand: false,
    handRaisedMs: 0,
  };
}

/** @param id the nickname that `presence` comes from */
export function participantFromPresence(id: string, presence: XmlElement): Participant {
  const info = presence.child('SourceInfo')?.text;
  const sources =
    (info === undefined ? undefined : readSourceInfo(id, info)) ?? readLegacySources(id, presence);
  const sends = (type: 'audio' | 'video') =>
    sources.some(
      (source) => source.type === type && !source.muted && source.videoType === 'camera',
    );
  const item = mucUserFromXml(presence)?.item;
  const hand = presence.child('jitsi_participant_raisedHand')?.text ?? '';
  const handRaisedMs = Number(hand);
  return {
    id,
    jid: item?.jid,
    displayName: (presence.child('nick', NS.nick)?.text ?? '').trim().slice(0, MAX_NAME_LENGTH),
    isModerator: item?.role === 'moderator',
    isVisitor: item?.role === 'visitor',
    sources,
    audioMuted: !sends('audio'),
    videoMuted: !sends('video'),
    raisedHand: hand !== '' && hand !== '0',
    handRaisedMs: Number.isFinite(handRaisedMs) ? handRaisedMs : 0,
  };
}
