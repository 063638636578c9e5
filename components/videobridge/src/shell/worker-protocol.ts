/** Messages between `WorkerHost` (main thread) and the bridge worker; plain data both ways. */
import type { ColibriEvent, ColibriResponse, ConferenceModify } from '@conclave/protocols/colibri';
import type { ChannelCheck } from '../core/bridge-channels.ts';
import type { BridgeStats } from '../core/bridge-stats.ts';
import type { DebugQuery, DebugState } from '../core/debug-state.ts';

export type ToWorker =
  | { readonly type: 'colibri'; readonly id: number; readonly message: ConferenceModify }
  | {
      readonly type: 'checkChannel';
      readonly id: number;
      readonly conferenceId: string;
      readonly endpointId: string;
      readonly password: string;
    }
  | {
      readonly type: 'channelOpen';
      readonly channelId: number;
      readonly conferenceId: string;
      readonly endpointId: string;
      readonly password: string;
    }
  | { readonly type: 'channelMessage'; readonly channelId: number; readonly text: string }
  | { readonly type: 'channelClosed'; readonly channelId: number }
  /** From the bridge at the other end of a relay. */
  | {
      readonly type: 'bridgeMessage';
      readonly meetingId: string;
      readonly from: string;
      readonly text: string;
    }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'stats'; readonly id: number }
  | { readonly type: 'debug'; readonly id: number; readonly query: DebugQuery }
  | { readonly type: 'close' };

export type FromWorker =
  | { readonly type: 'ready'; readonly udpPort: number; readonly fingerprint: string }
  | { readonly type: 'colibri'; readonly id: number; readonly response: ColibriResponse }
  | { readonly type: 'channelChecked'; readonly id: number; readonly result: ChannelCheck }
  | { readonly type: 'channelSend'; readonly channelId: number; readonly text: string }
  | {
      readonly type: 'channelClose';
      readonly channelId: number;
      readonly code: number;
      readonly reason: string;
    }
  | { readonly type: 'event'; readonly event: ColibriEvent }
  /** To the bridge at the other end of a relay, about its conference `meetingId`. */
  | {
      readonly type: 'bridgeSend';
      readonly to: string;
      readonly meetingId: string;
      readonly text: string;
    }
  /** Of STUN servers' answers changed. */
  | { readonly type: 'addressesMapped'; readonly addresses: readonly Uint8Array[] }
  /** From time to time: 1 and above is overload. */
  | { readonly type: 'load'; readonly stress: number }
  /** There was no conference for as long as the worker is kept without one; with its totals. */
  | { readonly type: 'idle'; readonly counters: BridgeStats['counters'] }
  | { readonly type: 'pong'; readonly id: number }
  | { readonly type: 'stats'; readonly id: number; readonly stats: BridgeStats }
  | { readonly type: 'debug'; readonly id: number; readonly state: DebugState | undefined }
  | {
      readonly type: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly event: string;
      readonly fields: Readonly<Record<string, unknown>> | undefined;
    };
