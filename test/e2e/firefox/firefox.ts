/** Debian's Firefox, headless, with signed media in its page; one page for each browser. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signedMediaScript, toneHzOf } from '@conclave/testkit/browser';
import { BidiSession } from './bidi-session.ts';

/** Where it is on Debian; another with `FIREFOX`. */
export const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr';

const PREFERENCES = {
  // Without a sound card Firefox runs no Web Audio: its own fake microphone gives the tone.
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.autoplay.default': 0,
  'media.autoplay.blocking_policy': 0,
  // Peers on one machine must find each other.
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  // Nothing leaves the machine by itself.
  'app.update.disabledForTesting': true,
  'browser.region.update.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'media.gmp-manager.updateEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
  'toolkit.telemetry.enabled': false,
} as const;

export class Firefox {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #session: BidiSession;
  readonly #context: string;

  private constructor(
    process: ChildProcess,
    profile: string,
    session: BidiSession,
    context: string,
  ) {
    this.#process = process;
    this.#profile = profile;
    this.#session = session;
    this.#context = context;
  }

  /** @param number of the participant, in its picture and tone */
  static async launch(number: number): Promise<Firefox> {
    const profile = mkdtempSync(join(tmpdir(), 'conclave-firefox-'));
    const tone = { 'media.navigator.audio.fake_frequency': toneHzOf(number) };
    const lines = Object.entries({ ...PREFERENCES, ...tone }).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
    );
    writeFileSync(join(profile, 'user.js'), lines.join('\n'));
    const child = spawn(
      FIREFOX,
      ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'],
      { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOME: profile } },
    );
    const session = await BidiSession.open(await addressOf(child));
    const content = await signedMediaScript({
      number,
      width: 640,
      height: 360,
      frameRate: 10,
      hasToneAlready: true,
    });
    await session.command('script.addPreloadScript', {
      functionDeclaration: `() => { ${content} }`,
    });
    const { contexts } = (await session.command('browsingContext.getTree', {})) as {
      contexts: { context: string }[];
    };
    return new Firefox(child, profile, session, contexts[0]?.context ?? '');
  }

  /** Resolves when the page and what it needs is loaded. */
  async goto(url: string): Promise<void> {
    const context = this.#context;
    await this.#session.command('browsingContext.navigate', { context, url, wait: 'complete' });
  }

  /** The value of an expression that is JSON, in the page; a promise is awaited. */
  async evaluate(expression: string): Promise<unknown> {
    const answer = (await this.#session.command('script.evaluate', {
      expression: `Promise.resolve(${expression}).then((value) => JSON.stringify(value ?? null))`,
      target: { context: this.#context },
      awaitPromise: true,
      userActivation: true,
    })) as { type: string; result?: { value?: string }; exceptionDetails?: { text: string } };
    if (answer.type !== 'success') throw new Error(answer.exceptionDetails?.text);
    return JSON.parse(answer.result?.value ?? 'null');
  }

  /** Types into what has the focus. */
  async type(text: string): Promise<void> {
    const keys = [...text].flatMap((value) => [
      { type: 'keyDown', value },
      { type: 'keyUp', value },
    ]);
    await this.#session.command('input.performActions', {
      context: this.#context,
      actions: [{ type: 'key', id: 'keyboard', actions: keys }],
    });
  }

  /** PNG. */
  async screenshot(): Promise<Buffer> {
    const { data } = (await this.#session.command('browsingContext.captureScreenshot', {
      context: this.#context,
    })) as { data: string };
    return Buffer.from(data, 'base64');
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#session.close();
    this.#process.kill('SIGKILL');
    await ended;
    rmSync(this.#profile, { recursive: true, force: true });
  }
}

/** The browser says where it listens. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (data: Buffer) => {
      said += String(data);
      const url = /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`Firefox ended: ${said}`)));
  });
}
