/** Runs the built server as a child process: free ports, a CONFIG of its own, an empty working folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freeTcpPort, freeUdpPort } from '@conclave/testkit/server';

export { freeTcpPort, freeUdpPort };

export const SERVER_FILE = fileURLToPath(new URL('../../dist/server.js', import.meta.url));
const READY_TIMEOUT_MS = 20_000;

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** For settings that hold the server's own address. */
  readonly httpsPort?: number;
  /** Text of `.env` in the working folder. */
  readonly envFile?: string;
  /** Keeps state of an earlier run; not removed at the end. */
  readonly config?: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export class ServerProcess {
  readonly config: string;
  readonly httpsPort: number;
  readonly httpPort: number;
  readonly udpPort: number;
  readonly process: ChildProcess;
  /** Resolves when the process has ended. */
  readonly exited: Promise<Exit>;
  stdout = '';
  stderr = '';
  readonly #folder: string;
  #exit: Exit | undefined;

  private constructor(
    folder: string,
    config: string,
    ports: readonly [number, number, number],
    options: RunOptions,
  ) {
    this.#folder = folder;
    this.config = config;
    [this.httpsPort, this.httpPort, this.udpPort] = ports;
    const environment: Record<string, string> = {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      CONFIG: config,
      HTTPS_PORT: String(this.httpsPort),
      HTTP_PORT: String(this.httpPort),
      JVB_PORT: String(this.udpPort),
      ...options.environment,
    };
    this.process = spawn(process.execPath, [SERVER_FILE], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process.stdout?.on('data', (data: Buffer) => {
      this.stdout += data.toString();
    });
    this.process.stderr?.on('data', (data: Buffer) => {
      this.stderr += data.toString();
    });
    this.exited = new Promise((resolve) => {
      this.process.once('close', (code, signal) => {
        this.#exit = { code, signal };
        resolve(this.#exit);
      });
    });
  }

  /** Starts without waiting for readiness; for starts that must fail. */
  static async launch(options: RunOptions = {}): Promise<ServerProcess> {
    if (!existsSync(SERVER_FILE)) throw new Error('dist/server.js is missing: run npm run build');
    const folder = mkdtempSync(join(tmpdir(), 'conclave-server-'));
    if (options.envFile !== undefined) writeFileSync(join(folder, '.env'), options.envFile);
    const httpsPort = options.httpsPort ?? (await freeTcpPort());
    const ports = [httpsPort, await freeTcpPort(), await freeUdpPort()] as const;
    return new ServerProcess(folder, options.config ?? join(folder, 'config'), ports, options);
  }

  /** Starts and waits for the line that says so. */
  static async start(options: RunOptions = {}): Promise<ServerProcess> {
    const server = await ServerProcess.launch(options);
    if (await server.#saysReady()) return server;
    await server.stop();
    throw new Error(`the server did not start:\n${server.stdout}${server.stderr}`);
  }

  /** False when it ended or was not ready in time. */
  async #saysReady(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const ready = new Promise<boolean>((resolve) => {
      // `stdout` is up to date: its listener was there first.
      this.process.stdout?.on('data', () => {
        if (this.stdout.includes('Conclave is ready')) resolve(true);
      });
      this.exited.then(() => resolve(false));
      timer = setTimeout(() => resolve(false), READY_TIMEOUT_MS);
    });
    return ready.finally(() => clearTimeout(timer));
  }

  get isRunning(): boolean {
    return this.#exit === undefined;
  }

  /** Resident memory now, in bytes. */
  get residentBytes(): number {
    const status = readFileSync(`/proc/${this.process.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  }

  /** Files, sockets and the like that are open now. */
  get descriptors(): number {
    return readdirSync(`/proc/${this.process.pid}/fd`).length;
  }

  /** Replaces `.env` and tells the server so. */
  reload(envFile: string): void {
    writeFileSync(join(this.#folder, '.env'), envFile);
    this.process.kill('SIGHUP');
  }

  /** Ends the server politely, or hard after 15 s, and removes its folder. */
  async stop(): Promise<Exit> {
    this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), 15_000);
    const exit = await this.exited;
    clearTimeout(timer);
    rmSync(this.#folder, { recursive: true, force: true });
    return exit;
  }

  /** The self-signed certificate, so that clients check it for real. */
  get certificate(): string {
    return readFileSync(join(this.config, 'keys/self-signed.crt'), 'utf8');
  }

  get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
    return fetchAnswer({ path, headers, method, port: this.httpsPort, ca: this.certificate });
  }

  getPlain(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
    return fetchAnswer({ path, headers, method, port: this.httpPort });
  }
}

interface Ask {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly method: string;
  readonly port: number;
  readonly ca?: string;
}

export function fetchAnswer({ path, headers, method, port, ca }: Ask): Promise<Answer> {
  const options = { host: 'localhost', port, path, method, headers, agent: false as const };
  return new Promise((resolve, reject) => {
    const request =
      ca === undefined
        ? httpRequest(options)
        : httpsRequest({ ...options, ca, servername: 'localhost' });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    request.end();
  });
}
