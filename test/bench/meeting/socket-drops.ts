/** Datagrams that this process's UDP sockets had no room for, because it was too slow to read them: Linux counts them. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Columns of /proc/net/udp (proc(5)); the last counts drops. */
const INODE = 9;

export function datagramsDropped(): number {
  const own = ownSockets();
  let dropped = 0;
  for (const table of ['/proc/self/net/udp', '/proc/self/net/udp6']) {
    for (const line of readFileSync(table, 'utf8').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (own.has(fields[INODE] ?? '')) dropped += Number(fields.at(-1));
    }
  }
  return dropped;
}

/** Inodes. */
function ownSockets(): ReadonlySet<string> {
  const inodes = new Set<string>();
  for (const descriptor of readdirSync('/proc/self/fd')) {
    const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/self/fd/${descriptor}`))?.[1];
    if (inode !== undefined) inodes.add(inode);
  }
  return inodes;
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // closed meanwhile: that of the directory itself is
  }
}
