/** A real browser whose participants sign what they send. */

export type { SignedMediaApi } from '../page/index.ts';
export type { PictureReading } from '../page/read-media.ts';
export type { SignedMediaOptions } from '../page/sign-media.ts';
export { ChromiumDriver, type ParticipantOptions, type ParticipantPage } from './chromium.ts';
export { pageScript } from './page-script.ts';
