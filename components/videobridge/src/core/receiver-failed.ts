/** Serving this receiver ended in an exception: its conference ends, and those who are served after it are not concerned. */
export type ReceiverFailed = (receiver: object, error: unknown, nowMs: number) => void;
