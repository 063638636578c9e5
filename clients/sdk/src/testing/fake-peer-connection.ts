/** A peer connection that answers any offer line by line, for tests without a browser. */
import { parse } from 'sdp-transform';

export class FakeSender {
  track: unknown = null;
  readonly parameters = { encodings: [{}, {}, {}] as Record<string, unknown>[] };

  async replaceTrack(track: unknown): Promise<void> {
    this.track = track;
  }

  getParameters(): { encodings: Record<string, unknown>[] } {
    return structuredClone(this.parameters);
  }

  async setParameters(parameters: { encodings: Record<string, unknown>[] }): Promise<void> {
    this.parameters.encodings = parameters.encodings;
  }
}

export class FakeDataChannel {
  readonly label: string;
  readonly protocol: string;
  readonly sent: string[] = [];
  readyState = 'connecting';
  onopen: (() => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;

  constructor(label: string, protocol: string) {
    this.label = label;
    this.protocol = protocol;
  }

  open(): void {
    this.readyState = 'open';
    this.onopen?.();
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.readyState = 'closed';
    this.onclose?.();
  }
}

interface FakeTransceiver {
  readonly mid: string;
  direction: string;
  readonly sender: FakeSender;
  readonly receiver: {
    readonly track: { readonly id: string };
    getStats(): Promise<Map<string, unknown>>;
  };
}

export class FakePeerConnection {
  readonly transceivers: FakeTransceiver[] = [];
  readonly remoteDescriptions: string[] = [];
  readonly dataChannels: FakeDataChannel[] = [];
  readonly localDescriptions: string[] = [];
  connectionState = 'new';
  iceConnectionState = 'new';
  oniceconnectionstatechange: (() => void) | null = null;
  closed = false;
  /** Makes the next setRemoteDescription fail. */
  refuses = false;

  async setRemoteDescription({ sdp }: { readonly sdp: string }): Promise<void> {
    if (this.closed) throw new Error('closed');
    if (this.refuses) throw new Error('refused');
    this.remoteDescriptions.push(sdp);
    const { media } = parse(sdp);
    for (let index = this.transceivers.length; index < media.length; index++) {
      this.transceivers.push({
        mid: String(index),
        direction: 'recvonly',
        sender: new FakeSender(),
        receiver: { track: { id: `track${index}` }, getStats: async () => new Map() },
      });
    }
  }

  async createAnswer(): Promise<{ readonly type: 'answer'; readonly sdp: string }> {
    const { media } = parse(this.remoteDescriptions.at(-1) ?? '');
    const lines = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0'];
    for (const [index, { type, port }] of media.entries()) {
      if (type === 'application') {
        lines.push('m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0');
        lines.push(`a=mid:${index}`, 'a=sctp-port:5000');
        continue;
      }
      const direction = this.transceivers[index]?.direction ?? 'recvonly';
      lines.push(
        `m=${type} ${port} UDP/TLS/RTP/SAVPF ${type === 'audio' ? 111 : '100 96'}`,
        'c=IN IP4 0.0.0.0',
        'a=ice-ufrag:Qx1z',
        'a=ice-pwd:h8J2k5N9h8J2k5N9h8J2k5N9',
        'a=fingerprint:sha-256 7C:12',
        'a=setup:active',
        `a=mid:${index}`,
        `a=${direction}`,
        type === 'audio' ? 'a=rtpmap:111 opus/48000/2' : 'a=rtpmap:100 VP8/90000',
      );
      if (direction !== 'sendrecv') continue;
      if (type === 'audio') lines.push('a=ssrc:91 cname:c');
      else lines.push('a=ssrc-group:FID 92 93', 'a=ssrc:92 cname:c', 'a=ssrc:93 cname:c');
    }
    return { type: 'answer', sdp: `${lines.join('\r\n')}\r\n` };
  }

  async setLocalDescription({ sdp }: { readonly sdp: string }): Promise<void> {
    this.localDescriptions.push(sdp);
  }

  async getStats(): Promise<Map<string, unknown>> {
    return new Map();
  }

  getTransceivers(): readonly FakeTransceiver[] {
    return this.transceivers;
  }

  close(): void {
    this.closed = true;
    this.connectionState = 'closed';
  }

  createDataChannel(label: string, options: { readonly protocol: string }): FakeDataChannel {
    const channel = new FakeDataChannel(label, options.protocol);
    this.dataChannels.push(channel);
    return channel;
  }

  moveIceTo(state: string): void {
    this.iceConnectionState = state;
    this.oniceconnectionstatechange?.();
  }
}
