/**
 * Which voices go out to a receiver in rewriting mode when there are more of them than slots: those that it asked for by name,
 * then the loudest. Jitsi's bridge gives slots to whoever spoke last. DEVIATION: a voice that was named keeps its slot, and has it
 * before it is heard.
 */
import type { AudioForward } from './audio-forward.ts';
import type { IncomingPacket } from './incoming-packet.ts';
import type { LoudestVoices } from './loudest-voices.ts';
import type { MapReceiver } from './sources-map-announcer.ts';

interface Maps {
  mark(receiver: MapReceiver): void;
}

/** When the voice is new to the receiver, or has just been named. */
export function preparePlace(forward: AudioForward, maps: Maps): void {
  const { slots, receiver, isNamed, hasPlace } = forward;
  if (slots === undefined || hasPlace) return;
  if (isNamed ? slots.give(forward, isNotNamed) : slots.offer(forward)) maps.mark(receiver);
}

/** Whether the voice goes out in a slot of the receiver, now or already. */
export function findPlace(
  forward: AudioForward,
  packet: IncomingPacket,
  loudest: LoudestVoices,
  maps: Maps,
  nowMs: number,
): boolean {
  const { slots, receiver, hasPlace, isNamed, source } = forward;
  if (!packet.isAmongLoudest && !isNamed) return false;
  if (hasPlace || slots === undefined) return nowMs >= forward.out.readyMs;
  const mayLose = isNamed
    ? isNotNamed
    : // As many as there are slots are among the loudest; but some slots may be those of voices that were named.
      (other: AudioForward) =>
        isNotNamed(other) && loudest.givesWay(other.source.owner.id, source.owner.id, nowMs);
  if (!slots.give(forward, mayLose)) return false;
  maps.mark(receiver);
  return nowMs >= forward.out.readyMs;
}

function isNotNamed({ isNamed }: AudioForward): boolean {
  return !isNamed;
}
