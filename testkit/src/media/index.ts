/** A participant's way to the bridge, without a browser. */
export {
  MediaTransport,
  type MediaTransportEvents,
  type MediaTransportOptions,
} from './media-transport.ts';
export { VP8_DESCRIPTOR_BYTES, writeVp8Start } from './synthetic-vp8.ts';
