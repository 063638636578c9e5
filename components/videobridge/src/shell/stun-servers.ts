/** Addresses of the STUN servers that were given by name; looked up again from time to time, for names move. */
import { lookup } from 'node:dns/promises';
import type { Logger } from '@conclave/base';
import { addressFromText } from '@conclave/protocols/ice';

const LOOKUP_INTERVAL_MS = 5 * 60_000;

/**
 * Tells `onAddresses` the address records of `servers` (`host:port`), one of each family a name has, now and
 * every five minutes. A name that cannot be looked up is logged; when none can, the addresses of before stay.
 */
export function watchStunServers(
  servers: readonly string[],
  logger: Logger,
  onAddresses: (addresses: readonly Uint8Array[]) => void,
): { close(): void } {
  if (servers.length === 0) return { close: () => {} };
  let isClosed = false;
  const lookUpAll = async (): Promise<void> => {
    const found = await Promise.all(servers.map((server) => lookUp(server, logger)));
    if (!isClosed && found.flat().length > 0) onAddresses(found.flat());
  };
  void lookUpAll();
  const timer = setInterval(() => void lookUpAll(), LOOKUP_INTERVAL_MS);
  return {
    close() {
      isClosed = true;
      clearInterval(timer);
    },
  };
}

async function lookUp(server: string, logger: Logger): Promise<Uint8Array[]> {
  const colon = server.lastIndexOf(':');
  const port = Number(server.slice(colon + 1));
  try {
    const all = await lookup(server.slice(0, colon), { all: true });
    const records: Uint8Array[] = [];
    for (const family of [4, 6]) {
      const first = all.find((one) => one.family === family);
      const record = first === undefined ? undefined : addressFromText(first.address, port);
      if (record !== undefined) records.push(record);
    }
    return records;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    logger.warn('bridge.stun.unknown-host', { server, reason, setting: 'JVB_STUN_SERVERS' });
    return [];
  }
}
