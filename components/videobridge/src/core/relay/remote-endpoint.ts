/** An endpoint of another bridge of the conference, as far as this bridge needs to know it: what it sends. */
import type { IncomingStream } from '../incoming-stream.ts';
import { SourceOwner } from '../source-owner.ts';
import type { Relay } from './relay.ts';

export class RemoteEndpoint extends SourceOwner {
  readonly isRemote = true;
  readonly transportCc = undefined;
  readonly incoming = undefined;
  readonly relay: Relay;

  constructor(relay: Relay, id: string) {
    super(id, relay.conference, relay.payloads);
    this.relay = relay;
    this.isConnected = relay.isConnected;
  }

  get peer(): number {
    return this.relay.peer;
  }

  get incompleteStreams(): Set<IncomingStream> {
    return this.relay.incompleteStreams;
  }
}
