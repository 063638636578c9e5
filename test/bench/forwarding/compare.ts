/** Rounds of ours and the baselines in turn, and what they come to. */
import { badOf, type Measured, measureBaseline, measureOurs, type Setup } from './measure.ts';
import { findLibsrtp } from './native.ts';

const libsrtp = findLibsrtp();
/** The peer that ratios are about: libsrtp as people run it, which is on OpenSSL; else the cipher code that is also ours. */
const isLibsrtpPeer = libsrtp?.isOpenssl === true;

export const peers = {
  baseline: isLibsrtpPeer ? `${libsrtp.version}, OpenSSL` : 'EVP',
  ...(libsrtp !== undefined && !isLibsrtpPeer && { libsrtp: `${libsrtp.version}, NSS` }),
};

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

export function measurePeer(setup: Setup): Promise<Measured> {
  return measureBaseline(setup, isLibsrtpPeer);
}

/** Sums over measurements, by kind. */
export function packetCounts(all: readonly Measured[]) {
  const sum = (of: (m: Measured) => number) => all.reduce((total, m) => total + of(m), 0);
  return {
    packetsChecked: sum((m) => m.checked),
    packetsBad: sum(badOf),
    badKinds: {
      notAuthentic: sum((m) => m.bad.notAuthentic),
      outOfSequence: sum((m) => m.bad.outOfSequence),
      wrongPayload: sum((m) => m.bad.wrongPayload),
      missing: sum((m) => m.bad.missing),
    },
  };
}

/** `endMs`: no further round begins after it; there is always one. Medians. */
export async function compare(
  file: string,
  setup: Setup,
  rounds: number,
  endMs: number,
  log: (text: string) => void,
) {
  const ours: Measured[] = [];
  const peer: Measured[] = [];
  const evp: Measured[] = [];
  const nss: Measured[] = [];
  for (let i = 0; i < rounds && (i === 0 || performance.now() < endMs); i++) {
    const add = (name: string, list: Measured[], measured: Measured) => {
      list.push(measured);
      log(describe(name, measured));
    };
    add(peers.baseline, peer, await measurePeer(setup));
    add('ours', ours, await measureOurs(file, setup));
    if (isLibsrtpPeer) add('EVP', evp, await measureBaseline(setup, false));
    else if (libsrtp !== undefined) add('libsrtp, NSS', nss, await measureBaseline(setup, true));
  }
  const us = (list: readonly Measured[]) => median(list.map((m) => m.usPerPacket));
  const usPerPacket = us(ours);
  return {
    usPerPacket: round(usPerPacket),
    baseline: peers.baseline,
    baselineUsPerPacket: round(us(peer)),
    ratio: round(us(peer) / usPerPacket, 2),
    evpUsPerPacket: round(us(isLibsrtpPeer ? evp : peer)),
    ...(nss.length > 0 && { libsrtpNssUsPerPacket: round(us(nss)) }),
    packetsPerSecondPerCore: Math.round(1e6 / usPerPacket),
    delayP50Ms: round(median(ours.map((m) => m.delayP50Ms))),
    delayP99Ms: round(median(ours.map((m) => m.delayP99Ms))),
    collectionsPerS: round(median(ours.map((m) => m.collectionsPerS)), 1),
    longestCollectionMs: round(Math.max(...ours.map((m) => m.longestCollectionMs)), 2),
    ...packetCounts([...ours, ...peer, ...evp, ...nss]),
    coreBusy: round(median(ours.map((m) => m.busy)), 2),
    rounds: ours.length,
    packetsPerMessage: round(median(ours.map((m) => m.packetsPerMessage)), 1),
  };
}
