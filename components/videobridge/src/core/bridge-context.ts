/**
 * What the parts of one bridge worker share. Parts that others share import none of it: each says for itself what it needs.
 */
import type { Logger, RandomSource } from '@conclave/base';
import type { IceRegistry } from '@conclave/protocols/ice';
import type { StunCrypto } from '@conclave/protocols/stun';
import type { VideobridgeOptions } from '../options.ts';
import type { SentLog } from './bandwidth/sent-log.ts';
import type { BridgeOutlet } from './bridge-outlet.ts';
import type { ConferenceContext } from './conference.ts';
import type { DropCounters } from './drop-counters.ts';
import type { IceRound } from './endpoint-transport.ts';
import type { EventTotals } from './event-totals.ts';
import type { KeyframeRequester } from './keyframe-requester.ts';
import type { LastNReducer } from './last-n-reducer.ts';
import type { MappedAddress } from './mapped-address.ts';
import type { PacedSender } from './paced-sender.ts';
import type { PacketPort } from './packet-port.ts';
import type { PayloadTables } from './payload-tables.ts';
import type { RetransmissionStore } from './retransmission-cache.ts';
import type { RtcpSender } from './rtcp-sender.ts';
import type { SendPipeline } from './send-pipeline.ts';
import type { SlotLedger } from './slot-ledger.ts';
import type { SourcesMapAnnouncer } from './sources-map-announcer.ts';

export interface BridgeContext extends ConferenceContext {
  readonly port: PacketPort;
  readonly options: VideobridgeOptions;
  readonly outlet: BridgeOutlet;
  readonly random: RandomSource;
  readonly logger: Logger;
  readonly stunCrypto: StunCrypto;
  readonly payloadTables: PayloadTables;
  readonly send: SendPipeline;
  readonly paced: PacedSender;
  readonly sentLog: SentLog;
  readonly ledger: SlotLedger;
  readonly store: RetransmissionStore;
  readonly rtcp: RtcpSender;
  readonly keyframes: KeyframeRequester;
  readonly maps: SourcesMapAnnouncer;
  readonly ice: IceRegistry<IceRound>;
  readonly mapped: MappedAddress;
  readonly reducer: LastNReducer;
  readonly counters: DropCounters;
  readonly totals: EventTotals;
}
