/** The bridge's totals as the private port tells them: what a story of refusal must have moved. */
import { freeTcpPort } from '@conclave/testkit/server';

export class BridgeCounters {
  /** Settings for the server. */
  readonly env: Readonly<Record<string, string>>;
  readonly #port: number;

  private constructor(port: number) {
    this.#port = port;
    this.env = { COLIBRI_REST_ENABLED: '1', JVB_COLIBRI_PORT: String(port) };
  }

  static async create(): Promise<BridgeCounters> {
    return new BridgeCounters(await freeTcpPort());
  }

  /** Of what was dropped for one reason. */
  async dropped(reason: string): Promise<number> {
    return this.#read(`conclave_bridge_dropped_total{reason="${reason}"}`);
  }

  /** Of what the packet layer refused before that. */
  async refusedPackets(reason: string): Promise<number> {
    return this.#read(`conclave_bridge_packet_io_${reason}_total`);
  }

  /** Of what the packet layer did. */
  async packets(what: string): Promise<number> {
    return this.#read(`conclave_bridge_packet_io_${what}_total`);
  }

  async #read(name: string): Promise<number> {
    const response = await fetch(`http://127.0.0.1:${this.#port}/metrics`);
    const line = (await response.text()).split('\n').find((text) => text.startsWith(`${name} `));
    if (line === undefined) throw new Error(`no ${name} in the metrics`);
    return Number(line.slice(name.length));
  }
}
