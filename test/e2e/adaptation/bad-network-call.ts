/**
 * A call in which one participant's browser sits in a network of its own, whose downlink can be made slow,
 * lossy and late. The others are on the server's machine.
 */
import { NetworkNamespace } from '@conclave/testkit';
import { CHROMIUM, ChromiumDriver } from '@conclave/testkit/browser';
import { ConclaveServer, freeTcpPort, MediaRelay, type StaticSite } from '@conclave/testkit/server';
import { LjmClient, type LjmClientOptions, startLjmSite } from '../ljm/ljm-client.ts';
import { BridgeTimeline } from './bridge-timeline.ts';

export class BadNetworkCall {
  readonly network: NetworkNamespace;
  /** Between the bridge and the browser with the bad network: what delays. */
  readonly relay: MediaRelay;
  readonly server: ConclaveServer;
  /** Of what the bridge does. */
  readonly timeline: BridgeTimeline;
  readonly #site: StaticSite;
  readonly #far: ChromiumDriver;
  readonly #near: ChromiumDriver;

  private constructor(
    network: NetworkNamespace,
    relay: MediaRelay,
    server: ConclaveServer,
    timeline: BridgeTimeline,
    site: StaticSite,
    [far, near]: readonly [ChromiumDriver, ChromiumDriver],
  ) {
    this.network = network;
    this.relay = relay;
    this.server = server;
    this.timeline = timeline;
    this.#site = site;
    this.#far = far;
    this.#near = near;
  }

  /** `codec`: the only one that the server offers beside VP8. */
  static async start(codec = 'VP8'): Promise<BadNetworkCall> {
    const network = NetworkNamespace.create();
    const privatePort = await freeTcpPort();
    const env = {
      COLIBRI_REST_ENABLED: '1',
      JVB_COLIBRI_PORT: String(privatePort),
      LOG_LEVEL: 'info',
      ENABLE_P2P: '0',
      CODEC_ORDER_JVB: [...new Set([codec, 'VP8'])].join(),
    };
    const server = await ConclaveServer.start({ env });
    const relay = await MediaRelay.start(server.mediaPort, network.hostAddress);
    const site = await startLjmSite(server.url, '0.0.0.0');
    const far = await ChromiumDriver.launch({
      executable: network.launcher(CHROMIUM),
      // Pages are on "localhost" here as there, for only that is trusted without a certificate.
      flags: [`--host-resolver-rules=MAP localhost ${network.hostAddress}`],
    });
    const near = await ChromiumDriver.launch();
    return new BadNetworkCall(network, relay, server, BridgeTimeline.start(privatePort), site, [
      far,
      near,
    ]);
  }

  /** A participant behind the bad network. */
  async openFar(options: LjmClientOptions): Promise<LjmClient> {
    const client = await LjmClient.open(this.#far, this.#site, options);
    await client.participant.page.evaluate(
      ({ from, to, address }) => window.signedMedia.relayCandidates(from, to, address),
      { from: this.server.mediaPort, to: this.relay.port, address: this.network.hostAddress },
    );
    return client;
  }

  /** A participant with a good network. */
  openNear(options: LjmClientOptions): Promise<LjmClient> {
    return LjmClient.open(this.#near, this.#site, options);
  }

  /** Evidence for a failed test. */
  async dump(folder: string): Promise<void> {
    await this.#far.dump(`${folder}/far`);
    await this.#near.dump(`${folder}/near`);
    this.server.dump(folder);
  }

  async closeParticipants(): Promise<void> {
    await this.#far.closeParticipants();
    await this.#near.closeParticipants();
  }

  async close(): Promise<void> {
    this.timeline.close();
    await this.#far.close();
    await this.#near.close();
    this.relay.close();
    await this.#site.close();
    await this.server.stop();
    this.network.close();
  }
}
