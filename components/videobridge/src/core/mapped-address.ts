/** The address a NAT in front of us shows the world, as STUN servers see it; asked through the media socket itself. */
import type { Logger, RandomSource } from '@conclave/base';
import { AddressDiscovery, addressToText } from '@conclave/protocols/ice';
import type { VideobridgeOptions } from '../options.ts';
import type { BridgeOutlet } from './bridge-outlet.ts';
import type { PacketPort } from './packet-port.ts';

export interface MappedAddressDependencies {
  readonly port: Pick<PacketPort, 'sendRaw'>;
  readonly random: RandomSource;
  readonly logger: Logger;
  readonly options: Pick<VideobridgeOptions, 'station' | 'mappedAddresses'>;
  readonly outlet: Pick<BridgeOutlet, 'addressesMapped'>;
}

export class MappedAddress {
  readonly #dependencies: MappedAddressDependencies;
  readonly #discovery: AddressDiscovery;

  constructor(dependencies: MappedAddressDependencies) {
    this.#dependencies = dependencies;
    const { station } = dependencies.options;
    this.#discovery = new AddressDiscovery(
      dependencies.random,
      station === undefined ? {} : { transactionByte: station },
    );
  }

  /** Address records, newest knowledge, each once. */
  get addresses(): readonly Uint8Array[] {
    const { addresses } = this.#discovery;
    return addresses.length > 0 ? addresses : (this.#dependencies.options.mappedAddresses ?? []);
  }

  /** Address records of the servers to ask; those of before that are not among them are forgotten. */
  setServers(servers: readonly Uint8Array[], nowMs: number): void {
    this.#discovery.setServers(servers, nowMs);
    this.handleTick(nowMs);
  }

  /** Sends what is due; cheap when nothing is. */
  handleTick(nowMs: number): void {
    if ((this.#discovery.nextTimeoutMs ?? Number.POSITIVE_INFINITY) > nowMs) return;
    const { port, logger } = this.#dependencies;
    const before = this.#discovery.silentServers.length;
    for (const { address, packet } of this.#discovery.handleTimeout(nowMs)) {
      port.sendRaw(address, packet);
    }
    const silent = this.#discovery.silentServers;
    if (silent.length <= before) return;
    logger.warn('bridge.stun.silent', {
      servers: silent.map(addressToText),
      remedy: 'check JVB_STUN_SERVERS and that UDP may leave, or set JVB_ADVERTISE_IPS',
    });
  }

  /** Whether the datagram was the answer of a server that was asked. */
  handleResponse(datagram: Uint8Array, address: Uint8Array, nowMs: number): boolean {
    const before = this.addresses.map(addressToText).join();
    if (!this.#discovery.handleResponse(datagram, address, nowMs)) return false;
    const addresses = this.addresses.map(addressToText);
    if (addresses.join() !== before) {
      const { logger, outlet } = this.#dependencies;
      logger.info('bridge.address.mapped', { addresses });
      outlet.addressesMapped(this.addresses);
    }
    return true;
  }
}
