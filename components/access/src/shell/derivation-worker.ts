/**
 * Derivations in a thread of their own that gives way to everything else: those who are in a call do
 * not notice that somebody logs in, nor that somebody tries a thousand passwords.
 */
import { Worker } from 'node:worker_threads';
import type { DerivationRequest, Derive } from './derivations.ts';

/** At least. Linux gives each thread a niceness of its own; elsewhere the thread keeps that of the process. */
const NICENESS = 15;

/** Runs as it stands, without a file of its own, from source as from the bundle. */
const PROGRAM = `
const { pbkdf2Sync } = require('node:crypto');
const { readlinkSync } = require('node:fs');
const { getPriority, setPriority } = require('node:os');
const { parentPort } = require('node:worker_threads');
try {
  const id = Number(readlinkSync('/proc/thread-self').split('/').pop());
  if (getPriority(id) < ${NICENESS}) setPriority(id, ${NICENESS});
} catch {}
parentPort.on('message', ({ digest, password, salt, iterations, length }) => {
  parentPort.postMessage(new Uint8Array(pbkdf2Sync(password, salt, iterations, length, digest)));
});
`;

export class DerivationWorker {
  #worker: Worker | undefined;
  #pending: { resolve(key: Uint8Array): void; reject(error: Error): void } | undefined;

  /** One at a time: `Derivations` sees to that. */
  readonly derive: Derive = (request: DerivationRequest) =>
    new Promise((resolve, reject) => {
      this.#worker ??= this.#start();
      this.#pending = { resolve, reject };
      this.#worker.postMessage(request);
    });

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(PROGRAM, { eval: true });
    // Nobody waits for it at the end.
    worker.unref();
    worker.on('message', (key: Uint8Array) => this.#pending?.resolve(key));
    worker.on('error', (error) => this.#fail(worker, error));
    worker.on('exit', () => this.#fail(worker, new Error('the derivation thread ended')));
    return worker;
  }

  /** The next derivation starts another. */
  #fail(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#pending?.reject(error);
    this.#pending = undefined;
  }
}
