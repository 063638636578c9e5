/**
 * One cable between this machine and a network namespace (a pair of virtual interfaces), with an address at either
 * end. Needs root and iproute2.
 */
import { execFileSync } from 'node:child_process';
import { networkInterfaces } from 'node:os';

export type IpVersion = 4 | 6;

/** Throws what the command said when it fails. */
export function run(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

export interface NetworkLinkOptions {
  /** Name of the network namespace. */
  readonly namespace: string;
  /** Unique on this machine, at most 12 characters. */
  readonly id: string;
  readonly version: IpVersion;
  /** Of several links the one with the smallest is the way to where no link leads; also the number of a routing table. */
  readonly metric: number;
}

export class NetworkLink {
  /** Address of this side, at which the inside finds us. */
  readonly hostAddress: string;
  /** Names of the interfaces. */
  readonly outside: string;
  readonly inside: string;
  readonly #options: NetworkLinkOptions;
  /** What both addresses begin with. */
  readonly #network: string;
  /** Last number of the address inside. */
  #insideHost = 2;

  constructor(options: NetworkLinkOptions) {
    const { namespace, id, version } = options;
    this.#options = options;
    // Names of interfaces have at most 15 characters.
    this.outside = `cc${id}h`;
    this.inside = `cc${id}n`;
    this.#network = freeNetwork(version);
    this.hostAddress = `${this.#network}1`;
    run('ip', 'link', 'add', this.outside, 'type', 'veth', 'peer', 'name', this.inside);
    run('ip', 'link', 'set', this.inside, 'netns', namespace);
    // An IPv6 address by itself would come a second later, and browsers drop requests when addresses change.
    run('ip', 'link', 'set', this.outside, 'addrgenmode', 'none');
    this.#runInside('ip', 'link', 'set', this.inside, 'addrgenmode', 'none');
    run('ip', ...addressArguments(this.hostAddress, version), 'dev', this.outside);
    run('ip', 'link', 'set', this.outside, 'up');
    this.#runInside('ip', 'link', 'set', this.inside, 'up');
    this.#takeAddress();
  }

  get insideAddress(): string {
    return `${this.#network}${this.#insideHost}`;
  }

  /** The inside takes another address; nothing that is sent to the old one arrives. */
  changeAddress(): void {
    this.#runInside('ip', 'address', 'flush', 'dev', this.inside);
    this.#insideHost++;
    this.#takeAddress();
  }

  /** What is sent inside from the present address goes out here, whatever other links there are. */
  routeBySource(): void {
    const table = ['table', String(this.#options.metric)];
    const { hostAddress, inside } = this;
    this.#runInside('ip', 'route', 'add', 'default', 'via', hostAddress, 'dev', inside, ...table);
    this.#runInside('ip', 'rule', 'add', 'from', this.insideAddress, ...table);
  }

  /** Nothing goes over it any more, which both sides can see. */
  cut(): void {
    run('ip', 'link', 'set', this.outside, 'down');
  }

  #takeAddress(): void {
    const { version, metric } = this.#options;
    this.#runInside('ip', ...addressArguments(this.insideAddress, version), 'dev', this.inside);
    const route = [`-${version}`, 'route', 'add', 'default', 'via', this.hostAddress];
    this.#runInside('ip', ...route, 'dev', this.inside, 'metric', String(metric));
  }

  #runInside(...command: readonly string[]): void {
    run('ip', 'netns', 'exec', this.#options.namespace, ...command);
  }
}

function addressArguments(address: string, version: IpVersion): readonly string[] {
  // Nobody else has it, and asking around would take a second.
  return version === 4
    ? ['address', 'add', `${address}/24`]
    : ['address', 'add', `${address}/64`, 'nodad'];
}

/** What the addresses of a private network begin with that no interface of this machine is in. */
function freeNetwork(version: IpVersion): string {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  for (let number = 1; number < 256; number++) {
    const network = version === 4 ? `10.213.${number}.` : `fd10:213:${number}::`;
    if (addresses.every(({ address }) => !address.startsWith(network))) return network;
  }
  throw new Error('no free private network');
}
