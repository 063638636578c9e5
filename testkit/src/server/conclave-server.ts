/** The built server as a child process on free ports with a `CONFIG` of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitUntil } from '../wait-until.ts';
import { freeTcpPort, freeUdpPort } from './free-ports.ts';

const COMMAND = fileURLToPath(new URL('../../../dist/conclave.js', import.meta.url));
const ENTRY = fileURLToPath(new URL('../../../dist/server.js', import.meta.url));

export interface ServerOptions {
  /** Settings beside the ports and `CONFIG`. */
  readonly env?: Readonly<Record<string, string>>;
  /** When something must know the address before the server is there. */
  readonly httpsPort?: number;
  /** Time to become healthy, in milliseconds; default 30,000. */
  readonly startTimeoutMs?: number;
}

export class ConclaveServer {
  readonly httpsPort: number;
  readonly httpPort: number;
  readonly mediaPort: number;
  /** Without a slash at the end. */
  readonly url: string;
  /** Everything it printed, in pieces as they came. */
  readonly output: string[] = [];
  readonly #child: ChildProcess;
  readonly #env: Readonly<Record<string, string>>;
  /** The state folder (`CONFIG`). */
  readonly configFolder: string;

  private constructor(
    child: ChildProcess,
    configFolder: string,
    ports: { https: number; http: number; media: number },
    env: Readonly<Record<string, string>>,
  ) {
    this.#child = child;
    this.configFolder = configFolder;
    this.#env = env;
    this.httpsPort = ports.https;
    this.httpPort = ports.http;
    this.mediaPort = ports.media;
    this.url = `https://localhost:${ports.https}`;
    child.stdout?.on('data', (data: Buffer) => this.output.push(data.toString()));
    child.stderr?.on('data', (data: Buffer) => this.output.push(data.toString()));
  }

  /** Starts a server and waits until it is healthy; rejects with its output when it is not in time. */
  static async start(options: ServerOptions = {}): Promise<ConclaveServer> {
    if (!existsSync(ENTRY)) throw new Error('dist/server.js is missing: run npm run build');
    const ports = {
      https: options.httpsPort ?? (await freeTcpPort()),
      http: await freeTcpPort(),
      media: await freeUdpPort(),
    };
    const configFolder = mkdtempSync(join(tmpdir(), 'conclave-test-'));
    const child = spawn(process.execPath, [ENTRY], {
      cwd: configFolder, // no .env of the developer's
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        CONFIG: configFolder,
        HTTPS_PORT: String(ports.https),
        HTTP_PORT: String(ports.http),
        JVB_PORT: String(ports.media),
        JVB_ADVERTISE_IPS: '127.0.0.1',
        LOG_LEVEL: 'debug',
        CONCLAVE_TEST_HOOKS: '1',
        ...options.env,
      },
    });
    const server = new ConclaveServer(child, configFolder, ports, options.env ?? {});
    try {
      await waitUntil('the server to be healthy', () => server.#isHealthyOrDead(), {
        timeoutMs: options.startTimeoutMs ?? 30_000,
      });
      if (!server.isRunning) throw new Error('the server ended');
    } catch (error) {
      await server.stop();
      throw new Error(`${String(error)}\n${server.output.join('')}`, { cause: error });
    }
    return server;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The self-signed certificate, PEM. */
  get certificate(): string {
    return readFileSync(join(this.configFolder, 'keys/self-signed.crt'), 'utf8');
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Ends the bridge's worker thread in the running server (a test hook). */
  killBridgeWorker(): void {
    this.#child.kill('SIGUSR2');
  }

  /** Runs the `conclave` command beside the server, e.g. `['user', 'add', 'ada']`; throws when it fails. */
  runCommand(args: readonly string[], input = ''): string {
    const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...args], {
      env: { PATH: process.env.PATH ?? '', CONFIG: this.configFolder, ...this.#env },
      input,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`conclave ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  }

  /** The answer of `/about/health`: its status code, or undefined when nothing answers. */
  healthStatus(): Promise<number | undefined> {
    return new Promise((resolve) => {
      const url = `https://127.0.0.1:${this.httpsPort}/about/health`;
      const outgoing = request(url, { rejectUnauthorized: false, timeout: 2_000 }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      outgoing.on('error', () => resolve(undefined));
      outgoing.on('timeout', () => outgoing.destroy());
      outgoing.end();
    });
  }

  /** Writes what the server printed to `folder`, for a failed test. */
  dump(folder: string): void {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'server.log'), this.output.join(''));
  }

  /** Ends the server, by force after 15 s, and removes its `CONFIG`. Safe to call twice. */
  async stop(): Promise<void> {
    if (this.isRunning) {
      this.#child.kill('SIGTERM');
      try {
        await waitUntil('the server to end', () => !this.isRunning, { timeoutMs: 15_000 });
      } catch {
        this.#child.kill('SIGKILL');
        await waitUntil('the server to die', () => !this.isRunning);
      }
    }
    rmSync(this.configFolder, { recursive: true, force: true });
  }

  async #isHealthyOrDead(): Promise<boolean> {
    return !this.isRunning || (await this.healthStatus()) === 200;
  }
}
