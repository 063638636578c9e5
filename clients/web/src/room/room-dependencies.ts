/** What a visit to a room needs from the page. */
import type { FocusSession, Platform } from '@conclave/sdk';
import type { MediaDevicesLike } from './room-devices.ts';

export interface RoomDependencies {
  readonly platform: Platform;
  readonly mediaDevices: MediaDevicesLike | undefined;
  /** Kept between visits. */
  readonly focusSession: {
    load(): FocusSession;
    save(session: FocusSession): void;
  };
  readonly userAgent: string;
}
