/** The bridge channels of a worker's endpoints, over WebSockets that the shell has or over data channels. */
import type { BridgeContext } from './bridge-context.ts';
import { ChannelSession } from './channel-session.ts';
import type { ChannelSwitch } from './channel-switch.ts';
import type { Conference } from './conference.ts';
import type { Endpoint } from './endpoint.ts';
import { isSamePassword } from './same-password.ts';
import { SctpChannel } from './sctp-channel.ts';

/** Whether somebody may open the bridge channel of an endpoint. */
export type ChannelCheck = 'ok' | 'not-found' | 'forbidden';

export class BridgeChannels {
  readonly #context: BridgeContext;
  readonly #session: ChannelSession;
  readonly #switch: ChannelSwitch;
  readonly #find: (conferenceId: string, endpointId: string) => Endpoint | undefined;
  readonly #failed: (conference: Conference, error: unknown, nowMs: number) => void;
  readonly #byChannel = new Map<number, Endpoint>();

  constructor(
    context: BridgeContext,
    channelSwitch: ChannelSwitch,
    find: (conferenceId: string, endpointId: string) => Endpoint | undefined,
    failed: (conference: Conference, error: unknown, nowMs: number) => void,
  ) {
    this.#context = context;
    this.#session = new ChannelSession(context);
    this.#switch = channelSwitch;
    this.#find = find;
    this.#failed = failed;
  }

  check(conferenceId: string, endpointId: string, password: string): ChannelCheck {
    const endpoint = this.#find(conferenceId, endpointId);
    if (endpoint === undefined) return 'not-found';
    return isSamePassword(endpoint.channelPassword, password) ? 'ok' : 'forbidden';
  }

  /** `channelId` is the shell's and never used twice. */
  open(
    channelId: number,
    conferenceId: string,
    endpointId: string,
    password: string,
    nowMs: number,
  ): void {
    const result = this.check(conferenceId, endpointId, password);
    const endpoint = this.#find(conferenceId, endpointId);
    if (result !== 'ok' || endpoint === undefined) {
      this.#context.outlet.closeChannel(channelId, 1008, result);
      return;
    }
    try {
      this.#use(endpoint, channelId);
    } catch (error) {
      this.#failed(endpoint.conference, error, nowMs);
    }
  }

  /** The endpoint's client may open the bridge channel as a data channel. */
  addDataChannel(endpoint: Endpoint, nowMs: number): void {
    let channelId: number | undefined;
    const channel = new SctpChannel(
      this.#context,
      endpoint.transport.peer,
      {
        opened: () => {
          channelId = this.#switch.add(channel);
          this.#use(endpoint, channelId);
        },
        message: (text, messageMs) => {
          if (channelId !== undefined) this.handleMessage(channelId, text, messageMs);
        },
        closed: () => {
          if (channelId === undefined) return;
          this.#switch.remove(channelId);
          this.handleClosed(channelId);
        },
      },
      nowMs,
    );
    endpoint.sctp = channel;
  }

  handleMessage(channelId: number, text: string, nowMs: number): void {
    const endpoint = this.#byChannel.get(channelId);
    if (endpoint === undefined) return;
    try {
      this.#session.handleMessage(endpoint, text, nowMs);
    } catch (error) {
      this.#failed(endpoint.conference, error, nowMs);
    }
  }

  handleClosed(channelId: number): void {
    const endpoint = this.#byChannel.get(channelId);
    this.#byChannel.delete(channelId);
    if (endpoint?.channelId === channelId) endpoint.channelId = undefined;
  }

  /** The endpoint is gone. */
  close(endpoint: Endpoint): void {
    if (endpoint.channelId === undefined) return;
    this.#byChannel.delete(endpoint.channelId);
    this.#context.outlet.closeChannel(endpoint.channelId, 1001, 'endpoint closed');
    endpoint.channelId = undefined;
  }

  #use(endpoint: Endpoint, channelId: number): void {
    if (endpoint.channelId !== undefined) this.#byChannel.delete(endpoint.channelId);
    this.#byChannel.set(channelId, endpoint);
    this.#session.open(endpoint, channelId);
  }
}
