/** The program `conclave`: the process around `runCli`. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { systemRandom } from '@conclave/platform/crypto';
import { systemClock } from '@conclave/platform/net';
import { runCli } from './run-cli.ts';

function readEnvFile(): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync('.env', 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    process.stderr.write(`conclave: cannot read .env: ${String(error)}\n`);
    process.exit(2);
  }
}

/** Typed unseen: the terminal is told not to echo, and the line is ours to edit. */
function typePassword(prompt: string): Promise<string> {
  process.stderr.write(prompt);
  const { stdin } = process;
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  return new Promise((resolve) => {
    let line = '';
    const end = (result: string) => {
      stdin.setRawMode(false);
      stdin.pause();
      stdin.off('data', take);
      process.stderr.write('\n');
      resolve(result);
    };
    const take = (typed: string) => {
      for (const key of typed) {
        if (key === '\r' || key === '\n') {
          end(line);
          return;
        }
        if (key === '\u0003' || key === '\u0004') {
          end('');
          return;
        }
        line = key === '\u007f' || key === '\b' ? line.slice(0, -1) : line + key;
      }
    };
    stdin.on('data', take);
  });
}

/** The server knows its settings; it lies beside this program. */
function runDoctor(): Promise<number> {
  const file = fileURLToPath(new URL('./server.js', import.meta.url));
  const child = spawn(process.execPath, [file, 'doctor'], { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

process.exitCode = await runCli(process.argv.slice(2), {
  clock: systemClock,
  random: systemRandom,
  environment: process.env,
  file: readEnvFile(),
  say: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
  readInput: () => text(process.stdin),
  runDoctor,
  readPassword: async (prompt) =>
    process.stdin.isTTY
      ? typePassword(prompt)
      : ((await text(process.stdin)).split(/\r?\n/)[0] ?? ''),
});
