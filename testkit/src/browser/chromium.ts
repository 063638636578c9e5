/** Debian's Chromium, headless, with signed media in every page (`page/sign-media.ts`). */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { SignedMediaOptions } from '../page/sign-media.ts';
import { signedMediaScript } from './page-script.ts';

/** Where it is on Debian; another with `CHROMIUM`. */
export const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';

const FLAGS = [
  '--no-sandbox', // CI runs as root
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  '--ignore-certificate-errors', // the server's certificate is self-signed
  // Peers on one machine must find each other without multicast DNS and without another interface.
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--allow-loopback-in-peer-connection',
  // Nothing leaves the machine by itself.
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
  // All pages count as in front.
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--mute-audio',
];

/** Small enough for several senders on two cores, big enough for two simulcast layers. */
const DEFAULT_MEDIA = { width: 640, height: 360, frameRate: 10 } as const;

export interface LaunchOptions {
  /** Path of the browser, or of what starts it elsewhere. */
  readonly executable?: string;
  /** Beside those that every test needs. */
  readonly flags?: readonly string[];
}

export type ParticipantOptions = Pick<SignedMediaOptions, 'number'> & Partial<SignedMediaOptions>;

/** One participant's page in its own browser context, with what its console said. */
export interface ParticipantPage {
  readonly number: number;
  readonly page: Page;
  readonly context: BrowserContext;
  readonly console: string[];
  /** Text frames of its WebSockets in order, `>` sent and `<` received, after the URL's path. */
  readonly frames: string[];
  close(): Promise<void>;
}

export class ChromiumDriver {
  readonly #browser: Browser;
  readonly #participants = new Set<ParticipantPage>();

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(options: LaunchOptions = {}): Promise<ChromiumDriver> {
    const { executable = EXECUTABLE, flags = [] } = options;
    const browser = await chromium.launch({
      executablePath: executable,
      args: [...FLAGS, ...flags],
      headless: true,
      chromiumSandbox: false,
    });
    return new ChromiumDriver(browser);
  }

  /** A page whose camera and microphone are signed with `options.number`. */
  async openParticipant(options: ParticipantOptions): Promise<ParticipantPage> {
    const media: SignedMediaOptions = { ...DEFAULT_MEDIA, ...options };
    const context = await this.#browser.newContext({
      ignoreHTTPSErrors: true,
      permissions: ['camera', 'microphone'],
      // Clients look at the name of the browser; nobody calls with a headless one.
      userAgent: `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${this.#browser.version()} Safari/537.36`,
    });
    await context.addInitScript({ content: await signedMediaScript(media) });
    const page = await context.newPage();
    const lines: string[] = [];
    page.on('console', (message) => lines.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => lines.push(`pageerror: ${error.stack ?? error.message}`));
    const frames: string[] = [];
    page.on('websocket', (socket) => {
      const path = new URL(socket.url()).pathname;
      const record = (direction: string, payload: string | Buffer) =>
        frames.push(`${new Date().toISOString().slice(11, 23)} ${path} ${direction} ${payload}`);
      socket.on('framesent', ({ payload }) => record('>', payload));
      socket.on('framereceived', ({ payload }) => record('<', payload));
      socket.on('close', () => record('closed', ''));
    });
    const participant: ParticipantPage = {
      number: options.number,
      page,
      context,
      console: lines,
      frames,
      close: async () => {
        this.#participants.delete(participant);
        await context.close();
      },
    };
    this.#participants.add(participant);
    return participant;
  }

  /** Ends all pages but not the browser. */
  async closeParticipants(): Promise<void> {
    await Promise.all([...this.#participants].map((participant) => participant.close()));
  }

  /** Writes screenshot, console and statistics of every open page to `folder`, for a failed test. */
  async dump(folder: string): Promise<void> {
    mkdirSync(folder, { recursive: true });
    for (const { number, page, console: lines, frames } of this.#participants) {
      const base = join(folder, `participant-${number}`);
      writeFileSync(`${base}.console.log`, lines.join('\n'));
      writeFileSync(`${base}.frames.log`, frames.join('\n'));
      await page.screenshot({ path: `${base}.png`, timeout: 5_000 }).catch(() => {});
      const stats = await page.evaluate(() => window.signedMedia.readStats()).catch(String);
      writeFileSync(`${base}.stats.json`, JSON.stringify(stats, undefined, 1));
    }
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}
