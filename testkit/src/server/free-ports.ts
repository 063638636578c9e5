/**
 * Ports that nobody uses right now, below those that the kernel gives to outgoing connections and to whoever asks for any port
 * (32768 and above, unless configured): so no browser takes one before its server does, or while the server is started again.
 */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;
const MAX_TRIES = 200;

/** By this process, of either protocol. */
const given = new Set<number>();

/** A free TCP port on all interfaces. */
export function freeTcpPort(): Promise<number> {
  return freePort(
    (port) =>
      new Promise((resolve) => {
        const server = createServer();
        server.once('error', () => resolve(false));
        server.listen(port, () => server.close(() => resolve(true)));
      }),
  );
}

/** A free UDP port on all interfaces. */
export function freeUdpPort(): Promise<number> {
  return freePort(
    (port) =>
      new Promise((resolve) => {
        const socket = createSocket('udp4');
        socket.once('error', () => socket.close(() => resolve(false)));
        socket.bind(port, () => socket.close(() => resolve(true)));
      }),
  );
}

async function freePort(isFree: (port: number) => Promise<boolean>): Promise<number> {
  for (let i = 0; i < MAX_TRIES; i++) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`no free port between ${FIRST_PORT} and ${LAST_PORT}`);
}
