/** A real browser whose participants sign what they send. */

export type { EncodedFrame } from '../page/decode-media.ts';
export type { SignedMediaApi } from '../page/index.ts';
export type { PictureReading } from '../page/read-media.ts';
export type { SignedMediaOptions } from '../page/sign-media.ts';
export { toneHzOf } from '../page/tone.ts';
export type { Flow, FlowReading } from '../page/watch-flow.ts';
export {
  ChromiumDriver,
  EXECUTABLE as CHROMIUM,
  type LaunchOptions,
  type ParticipantOptions,
  type ParticipantPage,
} from './chromium.ts';
export { pageScript, signedMediaScript } from './page-script.ts';
