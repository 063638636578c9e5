/** Times of the last join, in ms of the platform's clock; for measurements. */

export class JoinTimes {
  requestedMs: number | undefined;
  joinedMs: number | undefined;
  firstFrameMs: number | undefined;

  begin(nowMs: number): void {
    this.requestedMs = nowMs;
    this.joinedMs = undefined;
    this.firstFrameMs = undefined;
  }
}
