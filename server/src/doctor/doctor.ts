/**
 * `conclave doctor`: looks at settings, files, ports and everybody who is asked at log-ins, as the server would, and
 * says what is wrong with the remedy. Changes nothing; may run beside the server.
 */
import { statSync } from 'node:fs';
import { request } from 'node:https';
import type { Clock, Timers } from '@conclave/base';
import { StateFolder } from '@conclave/platform/storage';
import { loadRunSettings } from '../environment.ts';
import { createRedaction } from '../redact-secrets.ts';
import { findWarnings, type Settings } from '../settings/index.ts';
import { checkCertificate } from './check-certificate.ts';
import { checkClock, checkDirectory, checkKeyServer, checkProvider } from './check-log-ins.ts';
import { checkMediaAddresses, checkPublicUrl, checkRelays } from './check-network.ts';
import { checkPorts } from './check-ports.ts';
import { type Finding, messageOf, note, ok, problem, warning } from './finding.ts';

export interface DoctorDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly envFile: string;
  readonly say: (line: string) => void;
}

const MARKS: Readonly<Record<Finding['status'], string>> = {
  ok: 'ok     ',
  note: '-      ',
  warning: 'warning',
  problem: 'PROBLEM',
};
const HEALTH_TIMEOUT_MS = 1_000;

/** The number of problems. */
export async function runDoctor(deps: DoctorDependencies): Promise<number> {
  let redact = (text: string) => text;
  let problems = 0;
  let warnings = 0;
  const tell = ({ status, subject, text }: Finding) => {
    if (status === 'problem') problems++;
    if (status === 'warning') warnings++;
    deps.say(redact(`${MARKS[status]} ${subject}: ${text}`));
  };
  const settings = readSettings(deps, tell);
  if (settings !== undefined) {
    redact = createRedaction(settings);
    for await (const findings of examine(deps, settings)) findings.forEach(tell);
  }
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;
  deps.say('');
  deps.say(`${count(problems, 'problem')}, ${count(warnings, 'warning')}.`);
  return problems;
}

function readSettings(
  { environment, envFile }: DoctorDependencies,
  tell: (finding: Finding) => void,
): Settings | undefined {
  try {
    const { settings, warnings } = loadRunSettings(environment, envFile);
    const unclear = [...warnings, ...findWarnings(settings)];
    for (const { name, message } of unclear) tell(warning(name, message));
    if (unclear.length === 0) tell(ok('settings', 'all are understood'));
    return settings;
  } catch (error) {
    tell(problem('settings', messageOf(error)));
    return undefined;
  }
}

async function* examine(
  deps: DoctorDependencies,
  settings: Settings,
): AsyncGenerator<readonly Finding[]> {
  yield checkState(settings, deps.clock.wallMs());
  const { findings, isServerRunning } = await checkPorts(settings, isConclave);
  yield findings;
  if (!isServerRunning) yield [note('server', 'does not run with these settings')];
  yield await checkPublicUrl(settings, isServerRunning);
  yield checkMediaAddresses(settings);
  yield await checkRelays(settings);
  yield await checkDirectory(deps, settings);
  yield await checkProvider(deps, settings);
  yield await checkKeyServer(deps, settings);
  yield await checkClock(deps, settings);
}

function checkState(settings: Settings, wallMs: number): readonly Finding[] {
  const { CONFIG: folder } = settings;
  // Opening the folder would make it.
  if (isMissing(folder)) return [note('CONFIG', `${folder} is made at the first start`)];
  try {
    const state = new StateFolder(folder);
    return [ok('CONFIG', folder), ...checkCertificate(settings, state, wallMs)];
  } catch (error) {
    return [problem('CONFIG', messageOf(error))];
  }
}

function isMissing(path: string): boolean {
  try {
    statSync(path);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/** Over HTTPS with whatever certificate: only whether it is us is asked. The other port may redirect. */
async function isConclave(host: string, port: number, isSecure: boolean): Promise<boolean> {
  const address = `${host}:${port}/about/health`;
  if (isSecure) return (await healthAt(`https://${address}`)).includes('"status":"');
  try {
    const response = await fetch(`http://${address}`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS),
    });
    return response.headers.has('location') || (await response.text()).includes('"status":"');
  } catch {
    return false;
  }
}

function healthAt(url: string): Promise<string> {
  return new Promise((resolve) => {
    const asked = request(url, { rejectUnauthorized: false, timeout: HEALTH_TIMEOUT_MS });
    asked.on('response', (response) => {
      let text = '';
      response.on('data', (data: Buffer) => {
        text += data.toString();
        if (text.length > 4_096) response.destroy();
      });
      response.on('close', () => resolve(text));
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(''));
    asked.end();
  });
}
