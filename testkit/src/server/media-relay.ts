/**
 * A bad network between one browser and the bridge: a UDP relay that loses, delays, corrupts or
 * repeats datagrams. Both sides see the relay's ports as the other's address, like behind a NAT.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { DelayLine } from './delay-line.ts';

export type Direction = 'toBridge' | 'toBrowser';

/** Decides what becomes of a datagram: the datagrams to pass on now, usually one or none. */
export type Impairment = (datagram: Buffer, direction: Direction) => readonly Buffer[];

/** How long the next datagram is on its way, in ms; order is kept. */
export type Delay = (direction: Direction) => number;

/** Lets everything through. */
const passAll: Impairment = (datagram) => [datagram];

export class MediaRelay {
  /** Where the browser must send. */
  readonly port: number;
  /** Replace it at any time. */
  impairment: Impairment = passAll;
  /** Replace it at any time; nothing waits at first. */
  delay: Delay = () => 0;
  /** Datagrams seen so far. */
  readonly seen = { toBridge: 0, toBrowser: 0 };
  readonly #front: Socket;
  readonly #bridgePort: number;
  readonly #lines = { toBridge: new DelayLine(), toBrowser: new DelayLine() };
  /** Browser's `address:port` → our socket towards the bridge. */
  readonly #backs = new Map<string, Socket>();
  #isClosed = false;

  private constructor(front: Socket, bridgePort: number) {
    this.#front = front;
    this.#bridgePort = bridgePort;
    this.port = front.address().port;
    front.on('message', (datagram, { address, port }) => {
      this.#pass(datagram, 'toBridge', (out) => this.#backOf(address, port, out));
    });
  }

  /** `address` is where browsers reach it, 127.0.0.1 unless given. */
  static async start(bridgePort: number, address = '127.0.0.1'): Promise<MediaRelay> {
    const front = createSocket('udp4');
    front.bind(0, address);
    await once(front, 'listening');
    return new MediaRelay(front, bridgePort);
  }

  /** Sends `datagram` to the bridge again, from every address it knows us by. */
  injectToBridge(datagram: Buffer): void {
    for (const back of this.#backs.values()) back.send(datagram, this.#bridgePort, '127.0.0.1');
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const line of Object.values(this.#lines)) line.close();
    this.#front.close();
    for (const back of this.#backs.values()) back.close();
  }

  #pass(datagram: Buffer, direction: Direction, send: (out: Buffer) => void): void {
    if (this.#isClosed) return;
    this.seen[direction]++;
    for (const out of this.impairment(datagram, direction)) {
      this.#lines[direction].push(this.delay(direction), () => send(out));
    }
  }

  #backOf(address: string, port: number, out: Buffer): void {
    const key = `${address}:${port}`;
    let back = this.#backs.get(key);
    if (back === undefined) {
      back = createSocket('udp4');
      back.on('message', (datagram) => {
        this.#pass(datagram, 'toBrowser', (answer) => this.#front.send(answer, port, address));
      });
      this.#backs.set(key, back);
    }
    back.send(out, this.#bridgePort, '127.0.0.1');
  }
}
