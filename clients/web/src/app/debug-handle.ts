/** `window.conclave`: what tests and curious people may look at. Not an interface to build on. */
import { type CallStats, collectCallStats } from '@conclave/sdk';
import type { JoinTimes } from '../room/join-times.ts';
import type { RoomModel } from '../room/room-model.ts';

export interface DebugHandle {
  readonly connection: RoomModel['connection'];
  readonly conference: RoomModel['conference'];
  readonly phase: string;
  readonly times: Readonly<JoinTimes>;
  stats(): Promise<CallStats>;
}

declare global {
  interface Window {
    conclave?: DebugHandle;
  }
}

export function installDebugHandle(model: RoomModel): void {
  window.conclave = {
    get connection() {
      return model.connection;
    },
    get conference() {
      return model.conference;
    },
    get phase() {
      return model.phase.get().type;
    },
    times: model.times,
    stats: () => collectCallStats(model.conference?.media.peerConnection),
  };
}
