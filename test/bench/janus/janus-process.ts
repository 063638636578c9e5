/** Janus from Debian with its streaming plugin: one mountpoint for each sender, whose RTP it forwards to viewers. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeTcpPort, freeUdpPort } from '../../integration/server-process.ts';

const JANUS = '/usr/bin/janus';
const START_TIMEOUT_MS = 20_000;
const KEPT_OUTPUT = 4000;

/** Whether Janus is there; installs it when that is possible. */
export function ensureJanus(): boolean {
  if (existsSync(JANUS)) return true;
  if (process.getuid?.() !== 0) return false;
  // Debian starts a service on installation; the benchmark starts its own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const options = { stdio: 'ignore', env } as const;
  spawnSync('apt-get', ['update', '-q'], options);
  spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'janus'], options);
  return existsSync(JANUS);
}

export function janusVersion(): string {
  const { stdout } = spawnSync(JANUS, ['--version'], { encoding: 'utf8' });
  return /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? 'unknown';
}

export class JanusProcess {
  readonly webSocketPort: number;
  /** Where the RTP of mountpoint 1, 2, … is to be sent. */
  readonly rtpPorts: readonly number[];
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(
    webSocketPort: number,
    rtpPorts: readonly number[],
    process: ChildProcess,
    folder: string,
  ) {
    this.webSocketPort = webSocketPort;
    this.rtpPorts = rtpPorts;
    this.#process = process;
    this.#folder = folder;
  }

  /** Pinned to `core` when there is taskset. */
  static async start(mountpoints: number, core: number): Promise<JanusProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'conclave-bench-janus-'));
    const webSocketPort = await freeTcpPort();
    const rtpPorts: number[] = [];
    for (let i = 0; i < mountpoints; i++) rtpPorts.push(await freeUdpPort());
    writeConfig(folder, webSocketPort, rtpPorts);
    const hasTaskset = spawnSync('taskset', ['-V']).status === 0;
    const pin = hasTaskset ? ['taskset', '-c', `${core}`] : [];
    const [command = '', ...args] = [...pin, JANUS, '-F', folder];
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    process.once('exit', () => child.kill('SIGKILL'));
    await isServing(child);
    return new JanusProcess(webSocketPort, rtpPorts, child, folder);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function isServing(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = () => reject(new Error(`Janus did not start:\n${output}`));
    const timer = setTimeout(fail, START_TIMEOUT_MS);
    child.once('exit', fail);
    child.once('error', fail);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data: Buffer) => {
        output = (output + data.toString()).slice(-KEPT_OUTPUT);
        // The transports come last.
        if (!output.includes('WebSockets thread started')) return;
        clearTimeout(timer);
        child.off('exit', fail);
        resolve();
      });
    }
  });
}

/** Debian's defaults, but for what is not used; one event loop, since there is one core. */
function writeConfig(folder: string, webSocketPort: number, rtpPorts: readonly number[]): void {
  const libraries = '/usr/lib/x86_64-linux-gnu/janus';
  mkdirSync(join(folder, 'none'));
  writeFileSync(
    join(folder, 'janus.jcfg'),
    `general: {
  configs_folder = "${folder}"
  plugins_folder = "${libraries}/plugins"
  transports_folder = "${libraries}/transports"
  events_folder = "${folder}/none"
  loggers_folder = "${folder}/none"
  debug_level = 4
  debug_colors = false
  event_loops = 1
}
media: { ipv6 = false }
plugins: { disable = "${['audiobridge', 'duktape', 'echotest', 'lua', 'nosip', 'recordplay', 'sip', 'textroom', 'videocall', 'videoroom', 'voicemail'].map((name) => `libjanus_${name}.so`).join(',')}" }
transports: { disable = "${['http', 'mqtt', 'nanomsg', 'pfunix', 'rabbitmq'].map((name) => `libjanus_${name}.so`).join(',')}" }
`,
  );
  writeFileSync(
    join(folder, 'janus.transport.websockets.jcfg'),
    `general: { json = "compact", ws = true, ws_ip = "127.0.0.1", ws_port = ${webSocketPort}, wss = false }
admin: { admin_ws = false }
`,
  );
  writeFileSync(
    join(folder, 'janus.plugin.streaming.jcfg'),
    rtpPorts
      .map(
        (port, i) => `stream-${i + 1}: {
  type = "rtp"
  id = ${i + 1}
  description = "bench"
  audio = false
  video = true
  videoport = ${port}
  videoiface = "127.0.0.1"
  videopt = 100
  videocodec = "vp8"
}
`,
      )
      .join(''),
  );
}
