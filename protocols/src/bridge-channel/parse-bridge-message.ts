/** What a bridge sends on the bridge channel: text to typed message, within the limits. */
import { isJsonObject } from '@conclave/base';
import { BAD_FIELD, optional, readLimit, readList, readName, readNames } from './fields.ts';
import { readAudioMapping, readVideoMapping } from './mappings.ts';
import type { BridgeMessage, JsonObject } from './messages.ts';
import { type ChannelParseResult, parseWith } from './parse-result.ts';
import { readEndpointMessage, readEndpointStats } from './relayed.ts';

/** Never throws. */
export function parseBridgeMessage(text: string): ChannelParseResult<BridgeMessage> {
  return parseWith(text, readBridgeMessage);
}

function readBridgeMessage(object: JsonObject): BridgeMessage | 'unknown-class' | 'bad-field' {
  switch (object.colibriClass) {
    case 'ServerHello': {
      const version = optional(object.version, readName);
      if (version === BAD_FIELD) return 'bad-field';
      return { colibriClass: 'ServerHello', ...(version !== undefined && { version }) };
    }
    case 'SenderSourceConstraints': {
      const sourceName = readName(object.sourceName);
      const maxHeight = readLimit(object.maxHeight);
      if (sourceName === undefined || maxHeight === undefined) return 'bad-field';
      return { colibriClass: 'SenderSourceConstraints', sourceName, maxHeight };
    }
    case 'SenderVideoConstraints': {
      const constraints = isJsonObject(object.videoConstraints) ? object.videoConstraints : {};
      const idealHeight = readLimit(constraints.idealHeight);
      if (idealHeight === undefined) return 'bad-field';
      return { colibriClass: 'SenderVideoConstraints', videoConstraints: { idealHeight } };
    }
    case 'ForwardedSources': {
      const forwardedSources = readNames(object.forwardedSources);
      if (forwardedSources === undefined) return 'bad-field';
      return { colibriClass: 'ForwardedSources', forwardedSources };
    }
    case 'LastNEndpointsChangeEvent': {
      const lastNEndpoints = readNames(object.lastNEndpoints);
      if (lastNEndpoints === undefined) return 'bad-field';
      return { colibriClass: 'LastNEndpointsChangeEvent', lastNEndpoints };
    }
    case 'DominantSpeakerEndpointChangeEvent': {
      const dominantSpeakerEndpoint = readName(object.dominantSpeakerEndpoint);
      const previousSpeakers = optional(object.previousSpeakers, readNames);
      if (dominantSpeakerEndpoint === undefined || previousSpeakers === BAD_FIELD) {
        return 'bad-field';
      }
      return {
        colibriClass: 'DominantSpeakerEndpointChangeEvent',
        dominantSpeakerEndpoint,
        previousSpeakers: previousSpeakers ?? [],
        silence: object.silence === true,
      };
    }
    case 'ConnectionStats': {
      const estimatedDownlinkBandwidth = readLimit(object.estimatedDownlinkBandwidth);
      if (estimatedDownlinkBandwidth === undefined) return 'bad-field';
      return { colibriClass: 'ConnectionStats', estimatedDownlinkBandwidth };
    }
    case 'EndpointConnectivityStatusChangeEvent': {
      const endpoint = readName(object.endpoint);
      if (endpoint === undefined) return 'bad-field';
      return {
        colibriClass: 'EndpointConnectivityStatusChangeEvent',
        endpoint,
        active: object.active === 'true' ? 'true' : 'false',
      };
    }
    case 'AudioSourcesMap': {
      const mappedSources = readList(object.mappedSources, readAudioMapping);
      if (mappedSources === undefined) return 'bad-field';
      return { colibriClass: 'AudioSourcesMap', mappedSources };
    }
    case 'VideoSourcesMap': {
      const mappedSources = readList(object.mappedSources, readVideoMapping);
      if (mappedSources === undefined) return 'bad-field';
      return { colibriClass: 'VideoSourcesMap', mappedSources };
    }
    case 'EndpointMessage':
      return readEndpointMessage(object);
    case 'EndpointStats':
      return readEndpointStats(object);
    default:
      return 'unknown-class';
  }
}
