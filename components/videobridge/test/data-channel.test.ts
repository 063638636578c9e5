/** Story: a client opens the bridge channel over its DTLS connection instead of a WebSocket. */
import { PacketKind } from '@conclave/platform/packet-io';
import { PayloadProtocol, SctpAssociation, writeDcepMessage } from '@conclave/protocols/sctp';
import { describe, expect, test } from 'vitest';
import { MEDIA, seededRandom, TestBridge } from './test-bridge.ts';
import { MEETING, type TestEndpoint } from './test-endpoint.ts';

/** The browser's end. */
class DataChannelClient {
  readonly texts: string[] = [];
  readonly news: string[] = [];
  readonly association = new SctpAssociation(seededRandom(9), {
    maxMessageBytes: 262_144,
    maxQueuedBytes: 1_048_576,
  });
  readonly #bridge: TestBridge;
  readonly #endpoint: TestEndpoint;
  #seen = 0;

  constructor(bridge: TestBridge, endpoint: TestEndpoint) {
    this.#bridge = bridge;
    this.#endpoint = endpoint;
    this.association.connect(bridge.nowMs);
    this.exchange();
  }

  get classes(): string[] {
    return this.texts.map((text) => JSON.parse(text).colibriClass);
  }

  open(streamId = 0): void {
    const open = { type: 'open', channelType: 0, label: 'JVB data channel', protocol: '' } as const;
    this.#send(streamId, PayloadProtocol.dcep, writeDcepMessage(open));
  }

  say(message: object, streamId = 0): void {
    this.#send(streamId, PayloadProtocol.string, new TextEncoder().encode(JSON.stringify(message)));
  }

  #send(streamId: number, payloadProtocol: number, data: Uint8Array): void {
    this.association.send(streamId, payloadProtocol, data, this.#bridge.nowMs);
    this.exchange();
  }

  /** Lets time pass on both sides. */
  settle(ms = 1000): void {
    for (let passedMs = 0; passedMs < ms; passedMs += 20) {
      this.#bridge.advance(20);
      this.association.handleTimeout(this.#bridge.nowMs);
      this.exchange();
    }
  }

  /** Until neither side has anything to say. */
  exchange(): void {
    const { io, nowMs } = this.#bridge;
    for (let isBusy = true; isBusy; ) {
      isBusy = false;
      for (let output = this.association.pollOutput(); output; ) {
        isBusy = true;
        if (output.type === 'send') {
          this.#bridge.receive(this.#endpoint, PacketKind.applicationData, output.packet);
        } else if (output.type !== 'message') this.news.push(output.type);
        else if (output.payloadProtocol === PayloadProtocol.string) {
          this.texts.push(new TextDecoder().decode(output.data));
        } else this.news.push(`protocol ${output.payloadProtocol}`);
        output = this.association.pollOutput();
      }
      for (; this.#seen < io.sentApplicationData.length; this.#seen++) {
        isBusy = true;
        const { peer, bytes } = io.sentApplicationData[this.#seen]!;
        if (peer === this.#endpoint.peer) this.association.handlePacket(bytes, nowMs);
      }
    }
  }
}

function joined(): { bridge: TestBridge; ann: TestEndpoint; client: DataChannelClient } {
  const bridge = new TestBridge();
  const ann = bridge.join('ann', MEDIA, { sctp: true });
  return { bridge, ann, client: new DataChannelClient(bridge, ann) };
}

describe('bridge channel over SCTP', () => {
  test('opening it is acknowledged, and everything is told as on a WebSocket', () => {
    const { client } = joined();
    client.open();
    expect(client.news).toEqual(['connected', 'protocol 50']);
    expect(client.classes[0]).toBe('ServerHello');
    client.say({ colibriClass: 'ClientHello' });
    expect(client.classes.filter((name) => name === 'ServerHello')).toHaveLength(2);
  });

  test('what it asks for is sent, and others hear what it says', () => {
    const { bridge, client } = joined();
    const bob = bridge.join('bob');
    bob.want({});
    client.open();
    client.say({
      colibriClass: 'ReceiverVideoConstraints',
      defaultConstraints: { maxHeight: 180 },
    });
    bridge.advance(20);
    client.say({ colibriClass: 'EndpointMessage', to: 'bob', msgPayload: { n: 1 } });
    expect(bob.heard('EndpointMessage')).toMatchObject([{ from: 'ann', msgPayload: { n: 1 } }]);
    expect(bob.heard('SenderSourceConstraints').at(-1)?.maxHeight).toBe(180);
    bob.say({
      colibriClass: 'EndpointMessage',
      to: 'ann',
      msgPayload: { text: 'é'.repeat(20_000) },
    });
    client.settle();
    expect(JSON.parse(client.texts.at(-1)!).msgPayload.text).toHaveLength(20_000);
  });

  test('a second channel is not answered; after the first was closed another may be opened', () => {
    const { client, bridge } = joined();
    client.open(0);
    client.open(2);
    client.say({ colibriClass: 'ClientHello' }, 2);
    expect(client.classes.filter((name) => name === 'ServerHello')).toHaveLength(1);
    client.association.resetStreams([0, 2], bridge.nowMs);
    client.settle();
    expect(client.news).toEqual(['connected', 'protocol 50', 'streamsReset']);
    client.open(4);
    expect(client.classes.filter((name) => name === 'ServerHello')).toHaveLength(2);
  });

  test('it takes the place of a WebSocket', () => {
    const { bridge, ann, client } = joined();
    bridge.core.channels.open(7, MEETING, 'ann', ann.password, bridge.nowMs);
    client.open();
    expect(bridge.channelsClosed).toEqual([{ channelId: 7, code: 1000, reason: 'replaced' }]);
  });

  test('without being announced by the focus nothing answers', () => {
    const bridge = new TestBridge();
    const client = new DataChannelClient(bridge, bridge.join('ann'));
    expect(client.news).toEqual([]);
    expect(bridge.counter('dropped_application_data')).toBe(1);
  });

  test('a client that takes nothing any more loses the channel, not the conference', () => {
    const { bridge, client } = joined();
    const bob = bridge.join('bob');
    bob.want({});
    client.open();
    const text = 'x'.repeat(60_000);
    for (let i = 0; i < 40; i++) {
      bob.say({ colibriClass: 'EndpointMessage', to: 'ann', msgPayload: { text } });
      bridge.advance(400);
    }
    client.exchange();
    expect(client.news).toContain('closed');
    expect(bridge.core.endpointCount).toBe(2);
  });
});
