/**
 * INIT and INIT ACK (RFC 9260 §3.3.2, §3.3.3): the two sides' numbers, and the cookie in the latter.
 */
import { readParameters, viewOf, writeParameters } from './chunk.ts';

const STATE_COOKIE = 7;
/** RFC 5061 §4.2.7; tells that RE-CONFIG and FORWARD-TSN are understood. */
const SUPPORTED_EXTENSIONS = 0x8008;
const FORWARD_TSN_SUPPORTED = 0xc000;
const FIXED_BYTES = 16;
/** RFC 9260 §3.3.2: less is to be refused. */
const MIN_WINDOW_BYTES = 1500;
const MAX_COOKIE_BYTES = 1024;
/** RFC 8831 §6.2: as many streams as there can be. */
const MAX_STREAMS = 65_535;

export interface InitChunk {
  readonly initiateTag: number;
  readonly windowBytes: number;
  readonly outgoingStreams: number;
  readonly incomingStreams: number;
  readonly initialTsn: number;
  /** Of an INIT ACK. */
  readonly cookie: Uint8Array | undefined;
}

/** Undefined for what RFC 9260 forbids: no tag, no streams, a tiny window. */
export function parseInitChunk(value: Uint8Array): InitChunk | undefined {
  if (value.length < FIXED_BYTES) return undefined;
  const view = viewOf(value);
  const init: InitChunk = {
    initiateTag: view.getUint32(0),
    windowBytes: view.getUint32(4),
    outgoingStreams: view.getUint16(8),
    incomingStreams: view.getUint16(10),
    initialTsn: view.getUint32(12),
    cookie: readParameters(value.subarray(FIXED_BYTES)).find(({ type }) => type === STATE_COOKIE)
      ?.value,
  };
  if (init.initiateTag === 0 || init.windowBytes < MIN_WINDOW_BYTES) return undefined;
  if (init.outgoingStreams === 0 || init.incomingStreams === 0) return undefined;
  if (init.cookie !== undefined && init.cookie.length > MAX_COOKIE_BYTES) return undefined;
  return init;
}

export function writeInitChunk(
  init: Pick<InitChunk, 'initiateTag' | 'windowBytes' | 'initialTsn' | 'cookie'>,
): Uint8Array {
  const parameters = writeParameters([
    ...(init.cookie === undefined ? [] : [{ type: STATE_COOKIE, value: init.cookie }]),
    { type: FORWARD_TSN_SUPPORTED, value: new Uint8Array() },
    { type: SUPPORTED_EXTENSIONS, value: Uint8Array.of(130, 192) },
  ]);
  const value = new Uint8Array(FIXED_BYTES + parameters.length);
  const view = viewOf(value);
  view.setUint32(0, init.initiateTag);
  view.setUint32(4, init.windowBytes);
  view.setUint16(8, MAX_STREAMS);
  view.setUint16(10, MAX_STREAMS);
  view.setUint32(12, init.initialTsn);
  value.set(parameters, FIXED_BYTES);
  return value;
}
