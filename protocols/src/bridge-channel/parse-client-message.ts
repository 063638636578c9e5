/** What a client sends on the bridge channel: text to typed message, within the limits. */
import { isJsonObject } from '@conclave/base';
import {
  BAD_FIELD,
  optional,
  readConstraints,
  readConstraintsMap,
  readLimit,
  readName,
  readNames,
  readVideoType,
} from './fields.ts';
import type { ClientMessage, JsonObject, ReceiverVideoConstraints } from './messages.ts';
import { type ChannelParseResult, parseWith } from './parse-result.ts';
import { readEndpointMessage, readEndpointStats } from './relayed.ts';

/** Never throws. */
export function parseClientMessage(text: string): ChannelParseResult<ClientMessage> {
  return parseWith(text, readClientMessage);
}

function readClientMessage(object: JsonObject): ClientMessage | 'unknown-class' | 'bad-field' {
  switch (object.colibriClass) {
    case 'ClientHello':
      return { colibriClass: 'ClientHello' };
    case 'ReceiverVideoConstraints':
      return readReceiverVideoConstraints(object);
    case 'LastNChangedEvent': {
      const lastN = readLimit(object.lastN);
      return lastN === undefined ? 'bad-field' : { colibriClass: 'LastNChangedEvent', lastN };
    }
    case 'SelectedEndpointsChangedEvent': {
      const selectedEndpoints = readNames(object.selectedEndpoints);
      if (selectedEndpoints === undefined) return 'bad-field';
      return { colibriClass: 'SelectedEndpointsChangedEvent', selectedEndpoints };
    }
    case 'ReceiverVideoConstraint': {
      const maxFrameHeight = readLimit(object.maxFrameHeight);
      if (maxFrameHeight === undefined) return 'bad-field';
      return { colibriClass: 'ReceiverVideoConstraint', maxFrameHeight };
    }
    case 'SourceVideoTypeMessage': {
      const sourceName = readName(object.sourceName);
      const videoType = readVideoType(object.videoType);
      if (sourceName === undefined || videoType === undefined) return 'bad-field';
      return { colibriClass: 'SourceVideoTypeMessage', sourceName, videoType };
    }
    case 'VideoTypeMessage': {
      const videoType = readVideoType(object.videoType);
      if (videoType === undefined) return 'bad-field';
      return { colibriClass: 'VideoTypeMessage', videoType };
    }
    case 'ReceiverAudioSubscription':
      return readReceiverAudioSubscription(object);
    case 'EndpointMessage':
      return readEndpointMessage(object);
    case 'EndpointStats':
      return readEndpointStats(object);
    default:
      return 'unknown-class';
  }
}

function readReceiverVideoConstraints(object: JsonObject): ReceiverVideoConstraints | 'bad-field' {
  const lastN = optional(object.lastN, readLimit);
  const selectedSources = optional(object.selectedSources, readNames);
  const onStageSources = optional(object.onStageSources, readNames);
  const defaultConstraints = optional(object.defaultConstraints, readConstraints);
  const constraints = optional(object.constraints, readConstraintsMap);
  const assumedBandwidthBps = optional(object.assumedBandwidthBps, readLimit);
  const selectedEndpoints = optional(object.selectedEndpoints, readNames);
  const onStageEndpoints = optional(object.onStageEndpoints, readNames);
  if (
    lastN === BAD_FIELD ||
    selectedSources === BAD_FIELD ||
    onStageSources === BAD_FIELD ||
    defaultConstraints === BAD_FIELD ||
    constraints === BAD_FIELD ||
    assumedBandwidthBps === BAD_FIELD ||
    selectedEndpoints === BAD_FIELD ||
    onStageEndpoints === BAD_FIELD
  ) {
    return 'bad-field';
  }
  return {
    colibriClass: 'ReceiverVideoConstraints',
    ...(lastN !== undefined && { lastN }),
    ...(selectedSources && { selectedSources }),
    ...(onStageSources && { onStageSources }),
    ...(defaultConstraints && { defaultConstraints }),
    ...(constraints && { constraints }),
    ...(assumedBandwidthBps !== undefined && { assumedBandwidthBps }),
    ...(selectedEndpoints && { selectedEndpoints }),
    ...(onStageEndpoints && { onStageEndpoints }),
  };
}

function readReceiverAudioSubscription(object: JsonObject): ClientMessage | 'bad-field' {
  const include = optional(object.include, readNames);
  const exclude = optional(object.exclude, readNames);
  if (include === BAD_FIELD || exclude === BAD_FIELD || !isJsonObject(object)) return 'bad-field';
  if (object.all !== undefined && typeof object.all !== 'boolean') return 'bad-field';
  return {
    colibriClass: 'ReceiverAudioSubscription',
    all: object.all ?? true,
    include: include ?? [],
    exclude: exclude ?? [],
  };
}
