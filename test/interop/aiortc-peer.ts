/** aiortc, in Debian's own Python. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { signatureOf } from '@conclave/testkit';
import type { LineReading, Peer } from './peer.ts';

const PYTHON = '/usr/bin/python3';
const SCRIPT = fileURLToPath(new URL('aiortc_peer.py', import.meta.url));
/** Of 32,768. */
const AUDIBLE_PEAK = 1000;

interface Report {
  readonly state: string;
  readonly lines: Readonly<
    Record<
      string,
      {
        readonly kind: 'audio' | 'video';
        readonly frames: number;
        readonly cells?: readonly number[];
        readonly peak?: number;
      }
    >
  >;
}

export class AiortcPeer implements Peer {
  /** Why there can be none here; undefined when there can. */
  static readonly obstacle = existsSync('/usr/lib/python3/dist-packages/aiortc')
    ? undefined
    : "aiortc is not tested: Debian's python3-aiortc is not installed";
  log = '';
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #report: Report = { state: 'new', lines: {} };

  constructor() {
    this.#child = spawn(PYTHON, ['-u', SCRIPT], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stderr?.on('data', (data: Buffer) => {
      this.log += data.toString();
    });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  async answer(offer: string): Promise<string> {
    this.#child.stdin?.write(`${JSON.stringify(offer)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`aiortc ended: ${this.log}`);
    void this.#follow();
    return JSON.parse(value) as string;
  }

  async read(): Promise<ReadonlyMap<string, LineReading>> {
    const readings = new Map<string, LineReading>();
    for (const [mid, { kind, frames, cells, peak = 0 }] of Object.entries(this.#report.lines)) {
      const number = cells === undefined ? undefined : signatureOf(cells)?.number;
      readings.set(mid, { kind, count: frames, number, isAudible: peak > AUDIBLE_PEAK });
    }
    return readings;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }

  async #follow(): Promise<void> {
    for (let line = await this.#lines.next(); !line.done; line = await this.#lines.next()) {
      this.#report = JSON.parse(line.value) as Report;
    }
  }
}
