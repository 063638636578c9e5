/** Ours and the baselines, measured in turn, and what that comes to. */
import {
  badOf,
  type Forwarder,
  type Measured,
  type Setup,
  startBaseline,
  startOurs,
} from './measure.ts';
import { findLibsrtp } from './native.ts';

const libsrtp = findLibsrtp();
/** The peer that ratios are about: libsrtp as people run it, which is on OpenSSL; else EVP. */
const isLibsrtpPeer = libsrtp?.isOpenssl === true;

export const peers = {
  /** Of all of them: the C code, too, uses the one in the `node` binary. */
  openssl: process.versions.openssl,
  baseline: isLibsrtpPeer ? `${libsrtp.version}, OpenSSL` : 'EVP',
  ...(libsrtp !== undefined && !isLibsrtpPeer && { libsrtp: `${libsrtp.version}, NSS` }),
};

/** Measurements of one second until ours does not get cheaper any more; see `warmUp`. */
const WARM_UP_S = 1;
const MAX_WARM_UPS = 12;
/** So many in a row without a new low, by this part, and it is steady. */
const STEADY_WARM_UPS = 3;
const STEADY_SHARE = 0.97;

export const round = (value: number, digits = 3) => Number(value.toFixed(digits));

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}

export function describe(name: string, m: Measured): string {
  const bad = Object.entries(m.bad).filter(([, count]) => count > 0);
  return (
    `  ${name}: ${round(m.usPerPacket)} µs, core ${round(m.busy * 100, 0)} %, ` +
    `delay p50 ${round(m.delayP50Ms)} p99 ${round(m.delayP99Ms)} ms, ` +
    `${round(m.packetsPerMessage, 1)} packets a message, ${badOf(m)} of ${m.checked} bad` +
    (bad.length > 0 ? ` (${bad.map(([kind, count]) => `${kind} ${count}`).join(', ')})` : '')
  );
}

/** A forwarder and everything that was measured of it. */
export class Contestant {
  readonly name: string;
  readonly all: Measured[] = [];
  readonly #forwarder: Forwarder;
  readonly #log: (text: string) => void;

  constructor(name: string, forwarder: Forwarder, log: (text: string) => void) {
    this.name = name;
    this.#forwarder = forwarder;
    this.#log = log;
  }

  async measure(conferences: number, seconds: number, what = ''): Promise<Measured> {
    const measured = await this.#forwarder.measure(conferences, seconds);
    this.all.push(measured);
    this.#log(describe(`${this.name}${what}`, measured));
    return measured;
  }

  /**
   * Lets it run until a packet does not get cheaper any more; returns after how many seconds. A server runs for days: V8's
   * optimising compiler, whose threads count too, is none of a packet's cost. What is lost meanwhile is not counted.
   */
  async warmUp(conferences: number): Promise<number> {
    let lowest = Number.POSITIVE_INFINITY;
    let steady = 0;
    let runs = 0;
    for (; runs < MAX_WARM_UPS && steady < STEADY_WARM_UPS; runs++) {
      const { usPerPacket } = await this.#forwarder.measure(conferences, WARM_UP_S);
      steady = usPerPacket < lowest * STEADY_SHARE ? 0 : steady + 1;
      lowest = Math.min(lowest, usPerPacket);
    }
    return runs * WARM_UP_S;
  }

  stop(): Promise<void> {
    return this.#forwarder.stop();
  }
}

export interface Contest {
  readonly ours: Contestant;
  /** What ratios are about. */
  readonly peer: Contestant;
  /** Told besides. */
  readonly other: Contestant | undefined;
  readonly all: readonly Contestant[];
}

/** `file` is our side's process. */
export async function startContest(
  file: string,
  setup: Setup,
  log: (text: string) => void,
): Promise<Contest> {
  const baseline = async (isLibsrtp: boolean) =>
    new Contestant(
      isLibsrtp ? `libsrtp${isLibsrtpPeer ? '' : ', NSS'}` : 'EVP',
      await startBaseline(setup, isLibsrtp),
      log,
    );
  const [ours, peer, other] = await Promise.all([
    startOurs(file, setup).then((forwarder) => new Contestant('ours', forwarder, log)),
    baseline(isLibsrtpPeer),
    libsrtp === undefined ? undefined : baseline(!isLibsrtpPeer),
  ]);
  return { ours, peer, other, all: [peer, ours, ...(other === undefined ? [] : [other])] };
}

/** Everything that was checked since the beginning, by forwarder where it was bad. */
export function packetCounts({ all }: Contest) {
  const checked = all.flatMap((contestant) => contestant.all);
  const sum = (of: (m: Measured) => number, list = checked) =>
    list.reduce((total, m) => total + of(m), 0);
  const kinds = (list: readonly Measured[]) => ({
    notAuthentic: sum((m) => m.bad.notAuthentic, [...list]),
    outOfSequence: sum((m) => m.bad.outOfSequence, [...list]),
    wrongPayload: sum((m) => m.bad.wrongPayload, [...list]),
    missing: sum((m) => m.bad.missing, [...list]),
  });
  return {
    packetsChecked: sum((m) => m.checked),
    packetsBad: sum(badOf),
    badKinds: Object.fromEntries(all.map(({ name, all: list }) => [name, kinds(list)])),
  };
}

/** Medians of rounds of `seconds` each. `endMs`: no further round begins after it; there is always one. */
export async function compare(
  { ours, peer, other, all }: Contest,
  conferences: number,
  seconds: number,
  rounds: number,
  endMs: number,
) {
  const measured = new Map(all.map((contestant) => [contestant, [] as Measured[]]));
  for (let i = 0; i < rounds && (i === 0 || performance.now() < endMs); i++) {
    for (const contestant of all) {
      measured.get(contestant)?.push(await contestant.measure(conferences, seconds));
    }
  }
  const medianOf = (contestant: Contestant, of: (m: Measured) => number) =>
    median((measured.get(contestant) ?? []).map(of));
  const usOf = (contestant: Contestant) => medianOf(contestant, (m) => m.usPerPacket);
  const evp = isLibsrtpPeer ? other : peer;
  return {
    usPerPacket: round(usOf(ours)),
    baseline: peers.baseline,
    baselineUsPerPacket: round(usOf(peer)),
    ratio: round(usOf(peer) / usOf(ours), 2),
    ...(evp !== undefined && { evpUsPerPacket: round(usOf(evp)) }),
    ...(other !== undefined && !isLibsrtpPeer && { libsrtpNssUsPerPacket: round(usOf(other)) }),
    packetsPerSecondPerCore: Math.round(1e6 / usOf(ours)),
    delayP50Ms: round(medianOf(ours, (m) => m.delayP50Ms)),
    delayP99Ms: round(medianOf(ours, (m) => m.delayP99Ms)),
    collectionsPerS: round(
      medianOf(ours, (m) => m.collectionsPerS),
      1,
    ),
    longestCollectionMs: round(
      Math.max(...(measured.get(ours) ?? []).map((m) => m.longestCollectionMs)),
      2,
    ),
    coreBusy: round(
      medianOf(ours, (m) => m.busy),
      2,
    ),
    rounds: measured.get(ours)?.length ?? 0,
    packetsPerMessage: round(
      medianOf(ours, (m) => m.packetsPerMessage),
      1,
    ),
  };
}
