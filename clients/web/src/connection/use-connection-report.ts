/** Looks at the connection again and again while somebody wants to know. */
import { type Conference, collectCallStats } from '@conclave/sdk';
import { useEffect, useState } from 'react';
import { type ConnectionReport, reportBetween } from './connection-report.ts';

const LOOK_EVERY_MS = 1_000;

/** Undefined until there is something to compare. */
export function useConnectionReport({ media }: Conference): ConnectionReport | undefined {
  const [report, setReport] = useState<ConnectionReport | undefined>(undefined);
  useEffect(() => {
    const look = async () => ({
      stats: await collectCallStats(media.peerConnection),
      atMs: performance.now(),
    });
    let before: Awaited<ReturnType<typeof look>> | undefined;
    const refresh = async () => {
      const now = await look();
      const elapsedMs = now.atMs - (before?.atMs ?? now.atMs);
      if (before !== undefined && elapsedMs > 0) {
        setReport(reportBetween(before.stats, now.stats, elapsedMs));
      }
      before = now;
    };
    // A connection that was closed while we looked is told as such the next time.
    const timer = window.setInterval(() => void refresh().catch(() => {}), LOOK_EVERY_MS);
    return () => window.clearInterval(timer);
  }, [media]);
  return report;
}
