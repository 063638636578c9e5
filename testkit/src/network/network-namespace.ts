/**
 * A network of its own for one process, behind a link that can be made slow (`tc tbf`) and lossy
 * (`iptables -m statistic`). Needs root, iproute2 and iptables on Linux. Everything is gone after `close`,
 * at the end of the process at the latest; what a killed process left behind goes when the next one starts.
 */
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IpVersion, NetworkLink, run } from './network-link.ts';

/** With the process id behind it, so that leftovers are told from what is in use. */
const PREFIX = 'conclave';
/** Longest wait in the queue of the slow link, in ms: what home routers have. */
const QUEUE_MS = 200;
/** What the shaper lets through at once: one packet, so that it is like a wire of that speed. */
const BURST_BYTES = 1600;

/** Metric of the first link, for the second to come after. */
const FIRST_METRIC = 100;
/** What the links of one namespace are called. */
const LINK_LETTERS = ['a', 'b'] as const;

let count = 0;

export class NetworkNamespace {
  readonly name: string;
  readonly #id = `${process.pid}-${count++}`;
  /** The first is what `setRate`, `setLoss` and `changeAddress` are about. */
  readonly links: readonly NetworkLink[];
  readonly #links: NetworkLink[] = [];
  readonly #folder: string;
  readonly #closeAtExit = (): void => this.close();
  #isClosed = false;

  private constructor(version: IpVersion) {
    this.name = `${PREFIX}-${this.#id}`;
    this.links = this.#links;
    this.#folder = mkdtempSync(join(tmpdir(), `${this.name}-`));
    process.once('exit', this.#closeAtExit);
    try {
      run('ip', 'netns', 'add', this.name);
      this.#runInside('ip', 'link', 'set', 'lo', 'up');
      this.#addLink(version);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Address of this side of the first link, at which the inside finds us. */
  get hostAddress(): string {
    return this.#first.hostAddress;
  }

  /** Why there can be none here, in words; undefined when there can. */
  static obstacle(version: IpVersion = 4): string | undefined {
    if (process.platform !== 'linux') return 'network namespaces are a thing of Linux';
    if (process.getuid?.() !== 0) return 'making network namespaces takes root';
    try {
      const namespace = NetworkNamespace.create(version);
      namespace.setRate(1_000_000);
      namespace.setLoss(0.01);
      namespace.close();
      return undefined;
    } catch (error) {
      return `network namespaces do not work here: ${String(error)}`;
    }
  }

  /** With addresses of IPv4 or of IPv6 alone. Throws when the system does not let us; `obstacle` says why. */
  static create(version: IpVersion = 4): NetworkNamespace {
    removeLeftovers();
    return new NetworkNamespace(version);
  }

  /** Path of a script that runs `executable` inside, with the arguments it is given. */
  launcher(executable: string): string {
    const path = join(this.#folder, 'launch');
    writeFileSync(path, `#!/bin/sh\nexec ip netns exec ${this.name} '${executable}' "$@"\n`);
    chmodSync(path, 0o755);
    return path;
  }

  /**
   * A second way out of the inside, as a phone has Wi-Fi and a mobile network: each address is reached over its own link, and what
   * is not bound to either goes over the first that is not cut. IPv4 only.
   */
  addLink(): void {
    this.#addLink(4);
    for (const link of this.#links) link.routeBySource();
    const setting = '/proc/sys/net/ipv4/conf/all/ignore_routes_with_linkdown';
    this.#runInside('sh', '-c', `echo 1 > ${setting}`);
  }

  /** The inside moves to another address, as a phone does from one network to the next: nothing sent to the old one arrives. */
  changeAddress(): void {
    this.#first.changeAddress();
  }

  /** What gets through towards the inside, in bit/s; Infinity for all that the machine can do. */
  setRate(bps: number): void {
    if (bps === Number.POSITIVE_INFINITY) {
      this.#tryRun('tc', 'qdisc', 'delete', 'dev', this.#first.outside, 'root');
      return;
    }
    const rate = ['rate', `${Math.round(bps)}bit`, 'burst', String(BURST_BYTES)];
    const shaper = ['root', 'tbf', ...rate, 'latency', `${QUEUE_MS}ms`];
    run('tc', 'qdisc', 'replace', 'dev', this.#first.outside, ...shaper);
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
    // The other end of a link goes with it; the namespace itself when its last process has ended.
    for (const { outside } of this.#links) this.#tryRun('ip', 'link', 'delete', outside);
    this.#tryRun('ip', 'netns', 'delete', this.name);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #first(): NetworkLink {
    return this.#links[0]!;
  }

  #addLink(version: IpVersion): void {
    const number = this.#links.length;
    const id = `${this.#id}${LINK_LETTERS[number]!}`;
    const metric = FIRST_METRIC + number;
    this.#links.push(new NetworkLink({ namespace: this.name, id, version, metric }));
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

/** Namespaces of processes that are gone, with their links. */
function removeLeftovers(): void {
  for (const line of run('ip', 'netns', 'list').split('\n')) {
    const [, id, pid] = new RegExp(`^${PREFIX}-((\\d+)-\\d+)`).exec(line) ?? [];
    if (id === undefined || existsSync(`/proc/${pid}`)) continue;
    for (const args of [
      ...LINK_LETTERS.map((letter) => ['link', 'delete', `cc${id}${letter}h`]),
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
