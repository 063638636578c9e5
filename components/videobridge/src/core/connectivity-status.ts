/** Who is connected but not heard of (`EndpointConnectivityStatusChangeEvent`), whichever bridge they are on. */
import type { Conference } from './conference.ts';
import type { Endpoint } from './endpoint.ts';
import type { SourceOwner } from './source-owner.ts';

/** On this bridge; of visitors nobody is told. */
export function* interruptedHere({ endpoints }: Conference): Generator<Endpoint> {
  for (const endpoint of endpoints.values()) {
    if (endpoint.isInterrupted && !endpoint.isVisitor) yield endpoint;
  }
}

export function* interruptedEndpoints(conference: Conference): Generator<SourceOwner> {
  yield* interruptedHere(conference);
  for (const endpoint of conference.remoteEndpoints()) if (endpoint.isInterrupted) yield endpoint;
}

export function connectivityMessage({ id, isInterrupted }: SourceOwner) {
  return {
    colibriClass: 'EndpointConnectivityStatusChangeEvent',
    endpoint: id,
    active: isInterrupted ? 'false' : 'true',
  } as const;
}
