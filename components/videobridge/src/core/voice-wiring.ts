/**
 * Connects voices with those who hear them. In a large meeting few of them talk: who is to be sent a voice, and under which numbers, is
 * looked into when the first packet of it comes, and forgotten when it has been quiet for a while. What must be the same afterwards, the
 * numbers, is kept by the `OutgoingStream`.
 */
import type { ReceiverAudioSubscription } from '@conclave/protocols/bridge-channel';
import { AudioForward } from './audio-forward.ts';
import type { Endpoint } from './endpoint.ts';
import { removeFrom } from './remove-from.ts';
import type { Source } from './source.ts';
import type { MapReceiver } from './sources-map-announcer.ts';
import { preparePlace } from './voice-places.ts';

/** A voice that has been quiet for so long is forgotten … */
const QUIET_MS = 30_000;
/** … at the next look that is taken at it. */
const LOOK_INTERVAL_MS = 10_000;

/** What it tells when a receiver is to be sent the source under an SSRC that it has not heard of. */
export interface SourcesMaps {
  mark(receiver: MapReceiver): void;
}

/** Source or receiver is new. */
export function connectVoice(maps: SourcesMaps, source: Source, receiver: Endpoint): void {
  const { ssrcSlots: slots, audioSubscription } = receiver;
  const isNamed = audioSubscription.names(source.name);
  if (isNamed) source.namedBy++;
  if (slots === undefined) {
    if (source.voice.isHeard) addForward(source, receiver);
    return;
  }
  // While there is room, the receiver is ready for a voice before it is heard.
  if (!isNamed && !slots.audio.hasRoom && !source.voice.isHeardInSlots) return;
  const forward = addForward(source, receiver);
  if (forward !== undefined) preparePlace(forward, maps);
}

/** The receiver says whose voices it wants from now on. Who was named before gives way to who is named now. */
export function subscribeToAudio(
  receiver: Endpoint,
  message: ReceiverAudioSubscription,
  maps: SourcesMaps,
): void {
  const { audioSubscription, audioForwards, ssrcSlots, conference } = receiver;
  const voices = [...conference.sources()].filter(
    ({ type, owner }) => type === 'audio' && owner !== receiver,
  );
  const named = () => voices.filter(({ name }) => audioSubscription.names(name));
  for (const source of named()) source.namedBy--;
  audioSubscription.set(message);
  for (const source of named()) source.namedBy++;
  for (const forward of audioForwards) forward.subscribe(audioSubscription);
  if (ssrcSlots === undefined) return;
  const there = new Set<object>(audioForwards.map(({ source }) => source));
  for (const source of named()) if (!there.has(source)) addForward(source, receiver);
  for (const forward of audioForwards) if (forward.isNamed) preparePlace(forward, maps);
}

/** A packet of it is to go out: to receivers in rewriting mode only when it is among the loudest. */
export function hearVoice(source: Source, isAmongLoudest: boolean, nowMs: number): void {
  const { voice } = source;
  voice.heardMs = Math.floor(nowMs);
  if (!voice.isHeard) {
    voice.isHeard = true;
    addForwards(source, false);
  }
  if (!isAmongLoudest) return;
  voice.loudMs = voice.heardMs;
  if (voice.isHeardInSlots) return;
  voice.isHeardInSlots = true;
  addForwards(source, true);
}

/** Call now and then. */
export function restVoice(source: Source, nowMs: number): void {
  const { voice, audioForwards } = source;
  if (nowMs < voice.nextLookMs) return;
  voice.nextLookMs = nowMs + LOOK_INTERVAL_MS;
  const isQuiet = nowMs - voice.heardMs > QUIET_MS;
  const isQuietInSlots = nowMs - voice.loudMs > QUIET_MS;
  if (isQuiet) voice.isHeard = false;
  if (isQuietInSlots) voice.isHeardInSlots = false;
  for (let i = audioForwards.length - 1; i >= 0; i--) {
    const forward = audioForwards[i]!;
    const { slots, hasPlace, isNamed } = forward;
    // Who has a place keeps it until another needs it.
    const isForgotten = slots === undefined ? isQuiet : isQuietInSlots && !hasPlace && !isNamed;
    if (!isForgotten) continue;
    removeFrom(forward.receiver.audioForwards, forward);
    audioForwards.splice(i, 1);
  }
}

/** For everybody who has none. */
function addForwards(source: Source, inSlots: boolean): void {
  const there = new Set(source.audioForwards.map(({ receiver }) => receiver));
  for (const receiver of source.owner.conference.endpoints.values()) {
    if (receiver === source.owner || there.has(receiver)) continue;
    if ((receiver.ssrcSlots !== undefined) === inSlots) addForward(source, receiver);
  }
}

/** Undefined when the receiver has had too many SSRCs. */
function addForward(source: Source, receiver: Endpoint): AudioForward | undefined {
  const { ssrcSlots: slots } = receiver;
  const out = slots?.audio.nowhere ?? receiver.outgoing(source.ssrc);
  if (out === undefined) return undefined;
  const forward = new AudioForward(receiver, source, out, slots?.audio);
  source.audioForwards.push(forward);
  receiver.audioForwards.push(forward);
  forward.subscribe(receiver.audioSubscription);
  return forward;
}
