/** The program: settings in, one server out, until a signal ends it. */
import { fileURLToPath } from 'node:url';
import { ConclaveError } from '@conclave/base';
import { systemRandom } from '@conclave/platform/crypto';
import { localAddresses, systemClock, systemTimers } from '@conclave/platform/net';
import { createLogger } from '@conclave/platform/telemetry';
import { runDoctor } from './doctor/doctor.ts';
import { loadRunSettings } from './environment.ts';
import { createRedaction } from './redact-secrets.ts';
import { reloadSettings } from './reload-settings.ts';
import { type RunningServer, startServer } from './server.ts';
import { findWarnings, type Settings } from './settings/index.ts';

const SAME_SIGNAL_MS = 500;

/** People read standard output; logs go to standard error. */
function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Until the settings are known there is no secret to hide. */
let redact = (text: string) => text;

async function main(): Promise<void> {
  const { settings, warnings, environment } = loadRunSettings(process.env, '.env');
  process.env.TZ = settings.TZ;
  redact = createRedaction(settings);
  const logger = createLogger({
    level: settings.LOG_LEVEL,
    readable: process.stderr.isTTY === true,
    write: (line) => process.stderr.write(redact(line)),
  });
  for (const { name, message } of warnings) logger.warn('settings.ignored', { name, message });
  for (const { name, message } of findWarnings(settings)) {
    logger.warn('settings.incomplete', { name, message });
  }

  // Its private port may hear of it before the start is over: then as a signal would end it.
  let shutDown = (_isGraceful: boolean): void => process.exit(0);
  const server: RunningServer = await startServer(
    {
      clock: systemClock,
      timers: systemTimers,
      random: systemRandom,
      logger,
      environment,
      shutDown: (isGraceful) => shutDown(isGraceful),
    },
    settings,
    {
      bridgeWorker: new URL('./bridge-worker.js', import.meta.url),
      webClient: fileURLToPath(new URL('./web', import.meta.url)),
    },
  );

  let endingSinceMs: number | undefined;
  const end = (signal: string) => {
    if (endingSinceMs !== undefined) {
      // The second signal means: now. But npm passes Ctrl-C on to us, who got it from the terminal already.
      if (systemClock.nowMs() - endingSinceMs > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    endingSinceMs = systemClock.nowMs();
    logger.info('server.stopping', { signal });
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error('server.stop.failed', { error });
        process.exit(1);
      },
    );
  };
  /** The patient end, as nginx knows it; SIGTERM and SIGINT still end the server at once. */
  const drain = (cause: string) => {
    void server.drain().then(() => end(cause));
  };
  shutDown = (isGraceful) => (isGraceful ? drain('request') : end('request'));
  let running = settings;
  const reload = () => {
    const changed = reloadSettings(running, process.env, '.env', logger);
    if (changed === undefined) return;
    const [before, after] = [redact, createRedaction(changed)];
    redact = (text) => after(before(text));
    running = changed;
    server.reload(changed);
  };
  process.on('SIGHUP', () => {
    // A terminal that was closed takes its programs with it; a service is told to begin new files.
    if (process.stdout.isTTY || process.stderr.isTTY) end('SIGHUP');
    else {
      server.reopenFiles();
      reload();
    }
  });
  process.on('SIGTERM', () => end('SIGTERM'));
  process.on('SIGINT', () => end('SIGINT'));
  process.on('SIGQUIT', () => drain('SIGQUIT'));
  if (process.env.CONCLAVE_TEST_HOOKS === '1') {
    process.on('SIGUSR2', () => server.killBridgeWorker());
  }
  process.on('uncaughtException', (error) => {
    // Parts guard their own conferences and connections; what gets here left an unknown state.
    logger.error('server.crashed', { error });
    server.flushFiles();
    process.exit(1);
  });
  greet(settings, server);
}

function greet(settings: Settings, { certificate }: RunningServer): void {
  const isSecure = certificate !== undefined;
  const scheme = isSecure ? 'https' : 'http';
  const port = isSecure ? settings.HTTPS_PORT : settings.HTTP_PORT;
  const suffix = port === (isSecure ? 443 : 80) ? '' : `:${port}`;
  const url = settings.PUBLIC_URL?.origin ?? `${scheme}://localhost${suffix}`;
  say(`Conclave is ready: ${url}/`);
  if (settings.PUBLIC_URL !== undefined) return;
  const addresses = localAddresses({ ipv6: false }).filter((a) => !a.address.startsWith('127.'));
  if (addresses.length > 0 && isSecure) {
    const urls = addresses.map(({ address }) => `${scheme}://${address}${suffix}/`);
    say(`From other devices in your network: ${urls.join(' ')}`);
  }
  if (certificate?.isSelfSigned) {
    say('The certificate is self-signed, so browsers warn once: choose "Advanced" and continue.');
    say(`A certificate of your own goes to ${settings.CONFIG}/keys/cert.crt and cert.key.`);
  }
}

/** `server.js doctor`, which `conclave doctor` runs. */
async function examine(): Promise<void> {
  const problems = await runDoctor({
    clock: systemClock,
    timers: systemTimers,
    environment: process.env,
    envFile: '.env',
    say,
  });
  // Connections to whoever was asked may linger.
  process.exit(problems === 0 ? 0 : 1);
}

const run = process.argv[2] === 'doctor' ? examine : main;
run().catch((error: unknown) => {
  const text =
    error instanceof ConclaveError
      ? `Conclave cannot start: ${error.message}`
      : `Conclave cannot start: ${error instanceof Error ? error.stack : String(error)}`;
  process.stderr.write(`${redact(text)}\n`);
  process.exit(1);
});
