/** Whether the ports of the settings are free, or taken by the server itself. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { Settings } from '../settings/index.ts';
import { type Finding, ok, problem } from './finding.ts';

export interface PortFindings {
  readonly findings: readonly Finding[];
  /** A server runs on the ports of these settings. */
  readonly isServerRunning: boolean;
}

/** `isOurs` asks whether a Conclave server answers at `host:port`. */
export async function checkPorts(
  settings: Settings,
  isOurs: (host: string, port: number, isSecure: boolean) => Promise<boolean>,
): Promise<PortFindings> {
  const { LISTEN_ADDRESS: address } = settings;
  const findings: Finding[] = [];
  let isServerRunning = false;
  const web = [
    ...(settings.DISABLE_HTTPS ? [] : [['HTTPS_PORT', settings.HTTPS_PORT, true] as const]),
    ['HTTP_PORT', settings.HTTP_PORT, false] as const,
  ];
  for (const [name, port, isSecure] of web) {
    const fault = await tryTcp(port, address);
    if (fault === 'EADDRINUSE' && (await isOurs(hostOf(address), port, isSecure))) {
      isServerRunning = true;
      findings.push(ok(name, `TCP port ${port}: the server runs there`));
    } else {
      const subject = fault === 'EADDRNOTAVAIL' ? 'LISTEN_ADDRESS' : name;
      findings.push(tell(subject, `TCP port ${port}`, fault));
    }
  }
  if (settings.COLIBRI_REST_ENABLED || settings.ADMIN_API_ENABLED) {
    const { JVB_COLIBRI_PORT: port } = settings;
    const fault = await tryTcp(port, settings.PRIVATE_ADDRESS);
    const subject = fault === 'EADDRNOTAVAIL' ? 'PRIVATE_ADDRESS' : 'JVB_COLIBRI_PORT';
    findings.push(tell(subject, `TCP port ${port}`, fault, isServerRunning));
  }
  const { JVB_PORT } = settings;
  const fault = await tryUdp(JVB_PORT);
  findings.push(tell('JVB_PORT', `UDP port ${JVB_PORT}`, fault, isServerRunning));
  return { findings, isServerRunning };
}

function tell(
  name: string,
  port: string,
  fault: string | undefined,
  isServerRunning = false,
): Finding {
  switch (fault) {
    case undefined:
      return ok(name, `${port} is free`);
    case 'EADDRINUSE':
      return isServerRunning
        ? ok(name, `${port}: taken, as it should be while the server runs`)
        : problem(name, `another program already uses ${port}. Stop it, or change ${name}`);
    case 'EACCES':
      return problem(
        name,
        `${port}: this user may not listen there. Take a port from 1024 on, or grant the privilege (CAP_NET_BIND_SERVICE)`,
      );
    case 'EADDRNOTAVAIL':
      return problem(name, `${port}: that is not an address of this machine. Correct or remove it`);
    default:
      return problem(name, `${port} cannot be used: ${fault}`);
  }
}

/** The code of the error, or undefined when it can be listened on. */
async function tryTcp(port: number, address: string): Promise<string | undefined> {
  const fault = await new Promise<string | undefined>((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, address, () => server.close(() => resolve(undefined)));
  });
  // As the server does it on a machine without IPv6.
  const hasNoIpv6 = address === '::' && (fault === 'EAFNOSUPPORT' || fault === 'EADDRNOTAVAIL');
  return hasNoIpv6 ? tryTcp(port, '0.0.0.0') : fault;
}

/** As a client on this machine writes it; a server that listens on all addresses is on this one too. */
function hostOf(address: string): string {
  if (address === '::' || address === '0.0.0.0') return '127.0.0.1';
  return address.includes(':') ? `[${address}]` : address;
}

function tryUdp(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      resolve(error.code ?? error.message);
    });
    socket.bind(port, () => socket.close(() => resolve(undefined)));
  });
}
