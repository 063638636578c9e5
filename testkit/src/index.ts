/** For every test: time and randomness under control, waiting with a deadline. */
export { byteCorpus, textCorpus } from './corpus.ts';
export { ManualClock } from './manual-clock.ts';
export {
  type CongestionControl,
  type LinkTrace,
  runLinkTrace,
  type TraceFeedback,
  type TraceResult,
} from './network/link-trace.ts';
export { NetworkNamespace } from './network/network-namespace.ts';
export { LINK_TRACES } from './network/traces.ts';
export { signatureOf } from './page/block-code.ts';
export { SeededRandom } from './seeded-random.ts';
export { FinalError, type WaitOptions, waitUntil } from './wait-until.ts';
