/** What goes into an association and comes out of it. */

export interface AssociationOptions {
  /** Longest message that is received. */
  readonly maxMessageBytes: number;
  /** Bytes that may wait to be sent. */
  readonly maxQueuedBytes: number;
}

export type AssociationState =
  | 'closed'
  | 'cookie-wait'
  | 'cookie-echoed'
  | 'established'
  | 'shutting-down'
  | 'shutdown-sent'
  | 'shutdown-received'
  | 'shutdown-ack-sent';

export type AssociationOutput =
  | { readonly type: 'send'; readonly packet: Uint8Array }
  | { readonly type: 'connected' }
  | {
      readonly type: 'message';
      readonly streamId: number;
      readonly payloadProtocol: number;
      readonly data: Uint8Array;
    }
  /** The other side sends nothing more on these streams; ours of the same numbers are reset as well. */
  | { readonly type: 'streamsReset'; readonly streamIds: readonly number[] }
  | { readonly type: 'closed'; readonly reason: string };
