/** Puts together what the parts of a bridge worker share. */
import type { Logger, RandomSource } from '@conclave/base';
import { IceRegistry } from '@conclave/protocols/ice';
import type { StunCrypto } from '@conclave/protocols/stun';
import type { VideobridgeOptions } from '../options.ts';
import { SentLog } from './bandwidth/sent-log.ts';
import type { BridgeContext } from './bridge-context.ts';
import type { BridgeOutlet } from './bridge-outlet.ts';
import { DropCounters } from './drop-counters.ts';
import type { IceRound } from './endpoint-transport.ts';
import { EventTotals } from './event-totals.ts';
import { KeyframeRequester } from './keyframe-requester.ts';
import { LastNReducer } from './last-n-reducer.ts';
import { MappedAddress } from './mapped-address.ts';
import { PacedSender } from './paced-sender.ts';
import type { PacketPort } from './packet-port.ts';
import { PayloadTables } from './payload-tables.ts';
import type { ReceiverFailed } from './receiver-failed.ts';
import { RetransmissionStore } from './retransmission-cache.ts';
import { RtcpSender } from './rtcp-sender.ts';
import { SendPipeline } from './send-pipeline.ts';
import { SlotLedger } from './slot-ledger.ts';
import { connectSource, disconnectReceiver, disconnectSource } from './source-wiring.ts';
import { SourcesMapAnnouncer } from './sources-map-announcer.ts';
import { VideoAllocation } from './video-allocation.ts';

/** Part of the arena that retransmission caches may hold; the rest is for receiving. */
const CACHE_SHARE = 0.5;

export interface BridgeCoreDependencies {
  readonly port: PacketPort;
  readonly outlet: BridgeOutlet;
  readonly random: RandomSource;
  readonly logger: Logger;
  readonly stunCrypto: StunCrypto;
}

export function createBridgeContext(
  dependencies: BridgeCoreDependencies,
  options: VideobridgeOptions,
  receiverFailed: ReceiverFailed,
): BridgeContext {
  const { port, outlet } = dependencies;
  const ledger = new SlotLedger(port);
  const send = new SendPipeline(port, ledger);
  const rtcp = new RtcpSender(port);
  const maps = new SourcesMapAnnouncer(outlet, receiverFailed);
  const context: BridgeContext = {
    ...dependencies,
    options,
    ledger,
    send,
    rtcp,
    maps,
    paced: new PacedSender(send, receiverFailed),
    sentLog: new SentLog(),
    store: new RetransmissionStore(ledger, Math.floor(port.slotCount * CACHE_SHARE)),
    keyframes: new KeyframeRequester(rtcp),
    ice: new IceRegistry<IceRound>(),
    mapped: new MappedAddress({ ...dependencies, options }),
    reducer: new LastNReducer(),
    counters: new DropCounters(),
    totals: new EventTotals(),
    payloadTables: new PayloadTables(),
    wiring: {
      connect: (source, receiver) => connectSource(maps, source, receiver),
      disconnectSource,
      disconnectReceiver,
    },
    allocationOf: (conference) => new VideoAllocation(conference, context),
  };
  return context;
}
