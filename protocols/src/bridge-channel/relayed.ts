/** The two messages that a bridge passes on from one client to others. */
import { isJsonObject } from '@conclave/base';
import { readName } from './fields.ts';
import type { EndpointMessage, EndpointStats, JsonObject } from './messages.ts';

export function readEndpointMessage(object: JsonObject): EndpointMessage | 'bad-field' {
  // COMPAT: a broadcast may leave `to` out.
  const to = object.to === undefined ? '' : readName(object.to);
  const from = object.from === undefined ? undefined : readName(object.from);
  if (to === undefined || !isJsonObject(object.msgPayload)) return 'bad-field';
  return {
    colibriClass: 'EndpointMessage',
    to,
    ...(from !== undefined && { from }),
    msgPayload: object.msgPayload,
  };
}

export function readEndpointStats(object: JsonObject): EndpointStats | 'bad-field' {
  if (object.from !== undefined && readName(object.from) === undefined) return 'bad-field';
  return object as EndpointStats;
}
