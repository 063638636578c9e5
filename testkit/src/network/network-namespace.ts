/**
 * A network of its own for one process, behind a link that can be made slow (`tc tbf`) and lossy
 * (`iptables -m statistic`). Needs root, iproute2 and iptables on Linux. Everything is gone after `close`,
 * at the end of the process at the latest; what a killed process left behind goes when the next one starts.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';

/** With the process id behind it, so that leftovers are told from what is in use. */
const PREFIX = 'conclave';
/** Longest wait in the queue of the slow link, in ms: what home routers have. */
const QUEUE_MS = 200;
/** What the shaper lets through at once: one packet, so that it is like a wire of that speed. */
const BURST_BYTES = 1600;

let count = 0;

export class NetworkNamespace {
  readonly name: string;
  /** IPv4 address of this side of the link, at which the other side finds us. */
  readonly hostAddress: string;
  readonly #hostLink: string;
  readonly #insideLink: string;
  readonly #network: string;
  /** Last number of the address inside. */
  #insideHost = 2;
  readonly #folder: string;
  readonly #closeAtExit = (): void => this.close();
  #isClosed = false;

  private constructor(index: number) {
    const id = `${process.pid}-${index}`;
    this.name = `${PREFIX}-${id}`;
    // Names of links have at most 15 characters.
    this.#hostLink = `cc${id}h`;
    const network = freeNetwork();
    this.#network = network;
    this.#insideLink = `cc${id}n`;
    this.hostAddress = `${network}.1`;
    this.#folder = mkdtempSync(join(tmpdir(), `${this.name}-`));
    process.once('exit', this.#closeAtExit);
    try {
      run('ip', 'netns', 'add', this.name);
      run('ip', 'link', 'add', this.#hostLink, 'type', 'veth', 'peer', 'name', this.#insideLink);
      // An IPv6 address of its own would come a second later, and browsers drop requests when addresses change.
      const noIpv6 = `/proc/sys/net/ipv6/conf/${this.#hostLink}/disable_ipv6`;
      if (existsSync(noIpv6)) writeFileSync(noIpv6, '1');
      run('ip', 'link', 'set', this.#insideLink, 'netns', this.name);
      run('ip', 'address', 'add', `${network}.1/24`, 'dev', this.#hostLink);
      run('ip', 'link', 'set', this.#hostLink, 'up');
      this.#runInside('ip', 'link', 'set', this.#insideLink, 'up');
      this.#runInside('ip', 'link', 'set', 'lo', 'up');
      this.#takeAddress();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Why there can be none here, in words; undefined when there can. */
  static obstacle(): string | undefined {
    if (process.platform !== 'linux') return 'network namespaces are a thing of Linux';
    if (process.getuid?.() !== 0) return 'making network namespaces takes root';
    try {
      const namespace = NetworkNamespace.create();
      namespace.setRate(1_000_000);
      namespace.setLoss(0.01);
      namespace.close();
      return undefined;
    } catch (error) {
      return `network namespaces do not work here: ${String(error)}`;
    }
  }

  /** Throws when the system does not let us; `obstacle` says why. */
  static create(): NetworkNamespace {
    removeLeftovers();
    return new NetworkNamespace(count++);
  }

  /** Path of a script that runs `executable` inside, with the arguments it is given. */
  launcher(executable: string): string {
    const path = join(this.#folder, 'launch');
    writeFileSync(path, `#!/bin/sh\nexec ip netns exec ${this.name} '${executable}' "$@"\n`);
    chmodSync(path, 0o755);
    return path;
  }

  /** The inside moves to another address, as a phone does from one network to the next: nothing sent to the old one arrives. */
  changeAddress(): void {
    this.#runInside('ip', 'address', 'flush', 'dev', this.#insideLink);
    this.#insideHost++;
    this.#takeAddress();
  }

  /** What gets through towards the inside, in bit/s; Infinity for all that the machine can do. */
  setRate(bps: number): void {
    if (bps === Number.POSITIVE_INFINITY) {
      this.#tryRun('tc', 'qdisc', 'delete', 'dev', this.#hostLink, 'root');
      return;
    }
    const rate = ['rate', `${Math.round(bps)}bit`, 'burst', String(BURST_BYTES)];
    const shaper = ['root', 'tbf', ...rate, 'latency', `${QUEUE_MS}ms`];
    run('tc', 'qdisc', 'replace', 'dev', this.#hostLink, ...shaper);
  }

  /** Part of the packets, 0..1, that get lost on the way inside, by chance. */
  setLoss(part: number): void {
    this.#runInside('iptables', '-F', 'INPUT');
    if (part === 0) return;
    const chance = ['-m', 'statistic', '--mode', 'random', '--probability', String(part)];
    this.#runInside('iptables', '-A', 'INPUT', '!', '-i', 'lo', ...chance, '-j', 'DROP');
  }

  /** Takes everything away. Processes inside must have ended. Safe to call twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    process.removeListener('exit', this.#closeAtExit);
    // The other end of the link goes with it; the namespace itself when its last process has ended.
    this.#tryRun('ip', 'link', 'delete', this.#hostLink);
    this.#tryRun('ip', 'netns', 'delete', this.name);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #takeAddress(): void {
    const address = `${this.#network}.${this.#insideHost}/24`;
    this.#runInside('ip', 'address', 'add', address, 'dev', this.#insideLink);
    this.#runInside('ip', 'route', 'add', 'default', 'via', this.hostAddress);
  }

  #runInside(...command: readonly string[]): void {
    run('ip', 'netns', 'exec', this.name, ...command);
  }

  #tryRun(command: string, ...args: readonly string[]): void {
    try {
      run(command, ...args);
    } catch {
      // It was not there.
    }
  }
}

function run(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** The first three numbers of a private network that no interface of this machine is in. */
function freeNetwork(): string {
  const used = Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).map(({ address }) => address.split('.').slice(0, 3).join('.')),
  );
  for (let third = 0; third < 256; third++) {
    const network = `10.213.${third}`;
    if (!used.includes(network)) return network;
  }
  throw new Error('no free private network');
}

/** Namespaces of processes that are gone, with their links. */
function removeLeftovers(): void {
  for (const line of run('ip', 'netns', 'list').split('\n')) {
    const [, id, pid] = new RegExp(`^${PREFIX}-((\\d+)-\\d+)`).exec(line) ?? [];
    if (id === undefined || existsSync(`/proc/${pid}`)) continue;
    for (const args of [
      ['link', 'delete', `cc${id}h`],
      ['netns', 'delete', `${PREFIX}-${id}`],
    ]) {
      try {
        run('ip', ...args);
      } catch {
        // Somebody was quicker.
      }
    }
  }
}
