/**
 * Tells senders how much of their videos anybody wants (SenderSourceConstraints): endpoints of this bridge on their channel, the
 * bridges of others over the relay, where it counts as a wish beside those of the receivers there.
 */
import { writeChannelMessage, writeRelayMessage } from '@conclave/protocols/bridge-channel';
import type { BridgeOutlet } from './bridge-outlet.ts';
import type { Conference } from './conference.ts';
import type { Endpoint } from './endpoint.ts';
import type { Relay } from './relay/relay.ts';
import { isAvailable, type Source } from './source.ts';

/** What "unlimited" is for a sender; current clients take -1 too, those of 2021 do not. */
const UNLIMITED_HEIGHT = 2160;

/** To all senders, as far as it changed. */
export function announceSenderConstraints(conference: Conference, outlet: BridgeOutlet): void {
  let asking = 0;
  for (const { constraints } of conference.endpoints.values()) if (constraints.hasSpoken) asking++;
  for (const sender of conference.endpoints.values()) {
    const others = sender.constraints.hasSpoken ? asking - 1 : asking;
    announceToEndpoint(sender, others, outlet);
  }
  if (asking === 0) return;
  for (const relay of conference.relays.values()) announceToRelay(relay, outlet);
}

/** `asking`: others who have said what they want. */
function announceToEndpoint(sender: Endpoint, asking: number, outlet: BridgeOutlet): void {
  // As long as nobody has asked for anything the sender shall not be stopped by that.
  if (asking === 0 && !sender.sources.some(({ wishes }) => wishes.size > 0)) return;
  let hasChanged = false;
  for (const source of sender.sources) {
    if (!update(source, Math.max(wantedHere(source), wantedElsewhere(source)))) continue;
    hasChanged = true;
    sendSenderSourceConstraints(source, sender, outlet);
  }
  if (hasChanged) sendSenderVideoConstraints(sender, outlet);
}

function announceToRelay(relay: Relay, outlet: BridgeOutlet): void {
  if (!relay.isConnected) return;
  for (const endpoint of relay.endpoints.values()) {
    for (const source of endpoint.sources) {
      if (update(source, wantedHere(source))) sendWish(source, relay, outlet);
    }
  }
}

/** Whether the owner has to be told something else than before. */
function update(source: Source, maxHeight: number): boolean {
  // A muted camera keeps what it was told last: it must be able to start again by itself.
  if (source.type !== 'video' || !isAvailable(source)) return false;
  if (maxHeight === source.announcedMaxHeight) return false;
  source.announcedMaxHeight = maxHeight;
  return true;
}

function wantedHere({ wanted }: Source): number {
  let maxHeight = 0;
  for (const { effectiveMaxHeight } of wanted) {
    maxHeight = Math.max(maxHeight, Math.min(effectiveMaxHeight, UNLIMITED_HEIGHT));
  }
  return maxHeight;
}

export function wantedElsewhere({ wishes }: Source): number {
  let maxHeight = 0;
  for (const height of wishes.values()) {
    maxHeight = Math.max(maxHeight, height < 0 ? UNLIMITED_HEIGHT : height);
  }
  return maxHeight;
}

/** Everything the sender was told before, for a new channel. */
export function repeatSenderConstraints(sender: Endpoint, outlet: BridgeOutlet): void {
  let isTold = false;
  for (const source of sender.sources) {
    if (source.announcedMaxHeight === undefined) continue;
    isTold = true;
    sendSenderSourceConstraints(source, sender, outlet);
  }
  if (isTold) sendSenderVideoConstraints(sender, outlet);
}

function sendSenderSourceConstraints(source: Source, owner: Endpoint, outlet: BridgeOutlet): void {
  const { channelId } = owner;
  if (channelId === undefined || source.announcedMaxHeight === undefined) return;
  outlet.sendOnChannel(
    channelId,
    writeChannelMessage({
      colibriClass: 'SenderSourceConstraints',
      sourceName: source.name,
      maxHeight: source.announcedMaxHeight,
    }),
  );
}

/** COMPAT: clients of 2021 have one video. */
function sendSenderVideoConstraints(sender: Endpoint, outlet: BridgeOutlet): void {
  if (sender.channelId === undefined) return;
  let idealHeight = 0;
  for (const source of sender.sources) {
    idealHeight = Math.max(idealHeight, source.announcedMaxHeight ?? 0);
  }
  outlet.sendOnChannel(
    sender.channelId,
    writeChannelMessage({
      colibriClass: 'SenderVideoConstraints',
      videoConstraints: { idealHeight },
    }),
  );
}

function sendWish(source: Source, { remote, transport }: Relay, outlet: BridgeOutlet): void {
  if (remote === undefined || source.announcedMaxHeight === undefined) return;
  outlet.sendToBridge(
    remote,
    writeRelayMessage({
      colibriClass: 'AddReceiver',
      bridgeId: transport.bridgeId,
      sourceName: source.name,
      endpointId: source.owner.id,
      videoConstraints: { maxHeight: source.announcedMaxHeight },
    }),
  );
}
