/** From people and pictures to tiles: who is shown, in which order, what is asked of the bridge. */
import type { Participant, ParticipantSource, RemoteTrack, VideoLayout } from '@conclave/sdk';
import { strings } from '../strings/strings.ts';

export interface TileModel {
  /** Source name, or participant id without a source. */
  readonly key: string;
  readonly participantId: string;
  /** For the initials. */
  readonly name: string;
  readonly label: string;
  readonly isSelf: boolean;
  readonly isScreen: boolean;
  /** Name of the video source behind `stream`; undefined for our own. */
  readonly sourceName: string | undefined;
  readonly stream: MediaStream | undefined;
  /** The bridge does not send this picture at the moment: what would be seen is an old one. */
  readonly suspended: boolean;
  readonly audioMuted: boolean;
  readonly speaking: boolean;
  readonly handRaised: boolean;
  /** 0..100; undefined when it is not known. */
  readonly quality: number | undefined;
  /** What this person shows at the moment, a picture character. */
  readonly reaction: string | undefined;
}

/** In larger rooms only what can be seen is named: the bridge takes 500 names at most, and most tiles are out of sight. */
const LARGE_ROOM_TILES = 100;

export interface TileInput {
  readonly self: Participant;
  readonly selfStream: MediaStream | undefined;
  /** The screen that we share. */
  readonly screenStream: MediaStream | undefined;
  readonly participants: readonly Participant[];
  readonly tracks: readonly RemoteTrack[];
  readonly dominantSpeaker: string | undefined;
  /** Video sources that the bridge sends us; undefined when it has not said. */
  readonly forwarded: ReadonlySet<string> | undefined;
  /** False when the person wants voices only. */
  readonly showsPictures: boolean;
  /** By participant id. */
  readonly qualities: ReadonlyMap<string, number>;
  readonly reactions: ReadonlyMap<string, string>;
}

export function displayNameOf({ displayName }: Participant): string {
  return displayName === '' ? strings.call.guest : displayName;
}

/** Shared screens first, then ourselves unless we only look on, then the others in order of arrival. */
export function tilesOf(input: TileInput): TileModel[] {
  const { self, selfStream, screenStream, participants, dominantSpeaker, forwarded } = input;
  const tracks = input.showsPictures ? input.tracks : [];
  const moodOf = (id: string) => ({
    quality: input.qualities.get(id),
    reaction: input.reactions.get(id),
  });
  const isSuspended = (name: string) =>
    input.showsPictures && forwarded !== undefined && !forwarded.has(name);
  const screens: TileModel[] = [];
  const people: TileModel[] = [];
  const own = {
    participantId: self.id,
    name: self.displayName,
    isSelf: true,
    sourceName: undefined,
    suspended: false,
    audioMuted: self.audioMuted,
  };
  if (screenStream !== undefined) {
    screens.push({
      ...own,
      key: `${self.id}-screen`,
      label: strings.call.yourScreen,
      isScreen: true,
      stream: screenStream,
      speaking: false,
      handRaised: false,
      quality: undefined,
      reaction: undefined,
    });
  }
  if (!self.isVisitor) {
    people.push({
      ...own,
      key: self.id,
      label: self.displayName === '' ? strings.call.you : strings.call.youNamed(self.displayName),
      isScreen: false,
      stream: selfStream,
      speaking: dominantSpeaker === self.id && !self.audioMuted,
      handRaised: self.raisedHand,
      ...moodOf(self.id),
    });
  }
  for (const participant of participants) {
    const name = displayNameOf(participant);
    const base = {
      participantId: participant.id,
      name: participant.displayName,
      isSelf: false,
      audioMuted: participant.audioMuted,
      handRaised: participant.raisedHand,
      ...moodOf(participant.id),
    };
    const trackOf = (sourceName: string) =>
      tracks.find((track) => track.owner === participant.id && track.sourceName === sourceName);
    let camera: ParticipantSource | undefined;
    // Also what does not come yet: it has to be asked for. What nobody announced is muted; what is muted has no picture.
    for (const source of participant.sources) {
      if (source.type !== 'video' || source.muted) continue;
      if (source.videoType === 'desktop') {
        const track = trackOf(source.name);
        screens.push({
          ...base,
          key: source.name,
          label: strings.call.screenOf(name),
          isScreen: true,
          sourceName: source.name,
          stream: track?.stream,
          suspended: isSuspended(source.name),
          speaking: false,
          handRaised: false,
          quality: undefined,
          reaction: undefined,
        });
      } else camera ??= source;
    }
    people.push({
      ...base,
      key: participant.id,
      label: name,
      isScreen: false,
      sourceName: camera?.name,
      stream: camera && trackOf(camera.name)?.stream,
      suspended: camera !== undefined && isSuspended(camera.name),
      speaking: dominantSpeaker === participant.id && !participant.audioMuted,
    });
  }
  return [...screens, ...people];
}

export interface LayoutWish {
  /** Keys of the tiles that are shown large. */
  readonly stageKeys: ReadonlySet<string>;
  /** Device pixels per CSS px. */
  readonly pixelRatio: number;
  /** Greatest height of a camera's picture in device px. Of text there is no half: screens come whole, or not at all with 0. */
  readonly limitPx: number;
}

/** @param visible keys of tiles on screen, with their height in CSS px */
export function videoLayoutOf(
  tiles: readonly TileModel[],
  visible: ReadonlyMap<string, number>,
  { stageKeys, pixelRatio, limitPx }: LayoutWish,
): VideoLayout {
  const ratio = Math.min(2, pixelRatio);
  const heightsPx = new Map<string, number>();
  const onStage: string[] = [];
  const isLarge = tiles.length > LARGE_ROOM_TILES;
  const wantedPx = ({ key, isScreen }: TileModel) => {
    const heightPx = (visible.get(key) ?? 0) * ratio;
    return isScreen && limitPx > 0 ? heightPx : Math.min(limitPx, heightPx);
  };
  for (const tile of tiles) {
    const { key, sourceName } = tile;
    if (sourceName === undefined) continue;
    const heightPx = wantedPx(tile);
    if (heightPx > 0 || !isLarge) heightsPx.set(sourceName, heightPx);
    if (heightPx > 0 && stageKeys.has(key)) onStage.push(sourceName);
  }
  // Whoever comes next will get a tile like those of the others: no switch of layers after the first picture.
  const small = tiles.filter(({ key, isScreen }) => !isScreen && !stageKeys.has(key));
  const defaultHeightPx = isLarge ? 0 : Math.max(0, ...small.map(wantedPx));
  return { onStage, heightsPx, defaultHeightPx };
}
