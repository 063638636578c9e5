/** The program `conclave`: the process around `runCli`. */
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { parseEnv } from 'node:util';
import { systemRandom } from '@conclave/platform/crypto';
import { systemClock } from '@conclave/platform/net';
import { runCli } from './run-cli.ts';

function readEnvFile(): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync('.env', 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

process.exitCode = await runCli(process.argv.slice(2), {
  clock: systemClock,
  random: systemRandom,
  environment: process.env,
  file: readEnvFile(),
  say: (line) => process.stdout.write(`${line}\n`),
  readInput: () => text(process.stdin),
});
