/** A participant's way to the bridge, without a browser. */
export {
  MediaTransport,
  type MediaTransportEvents,
  type MediaTransportOptions,
} from './media-transport.ts';
