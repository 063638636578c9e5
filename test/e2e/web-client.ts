/** A participant on our own web client, driven as a person would: by labels and buttons. */
import type { ChromiumDriver, ParticipantPage } from '@conclave/testkit/browser';
import { type CallClient, displayNameOf, type RemoteParticipant } from './call-client.ts';

export interface WebClientOptions {
  readonly number: number;
  /** Camera size in px; default 640 x 360. */
  readonly width?: number;
  readonly height?: number;
}

export class WebClient implements CallClient {
  readonly number: number;
  id = '';
  readonly participant: ParticipantPage;
  readonly #serverUrl: string;

  private constructor(participant: ParticipantPage, serverUrl: string) {
    this.participant = participant;
    this.number = participant.number;
    this.#serverUrl = serverUrl;
  }

  static async open(
    browser: ChromiumDriver,
    serverUrl: string,
    options: WebClientOptions,
  ): Promise<WebClient> {
    return new WebClient(await browser.openParticipant(options), serverUrl);
  }

  async join(room: string, options: { readonly password?: string } = {}): Promise<void> {
    const { page } = this.participant;
    await page.goto(`${this.#serverUrl}/${room}`);
    await page.getByLabel('Your name').fill(displayNameOf(this.number));
    await page.getByRole('button', { name: 'Join meeting' }).click();
    if (options.password !== undefined) {
      await page.getByLabel('Room password').fill(options.password);
      await page.getByRole('button', { name: 'Join meeting' }).click();
    }
    const own = page.locator('li[data-participant]', { hasText: '(you)' });
    this.id = (await own.getAttribute('data-participant', { timeout: 10_000 })) ?? '';
  }

  readRemote(): Promise<RemoteParticipant[]> {
    return this.participant.page.evaluate((ownId) => {
      const remote = new Map<string, RemoteParticipant>();
      for (const tile of document.querySelectorAll<HTMLElement>('li[data-participant]')) {
        const id = tile.dataset.participant ?? '';
        if (id === ownId) continue;
        const displayName = (tile.getAttribute('aria-label') ?? '').split(',')[0] ?? '';
        const pictures = [...tile.querySelectorAll('video')].map((video) =>
          window.signedMedia.readPictureElement(video),
        );
        const voices = document.querySelectorAll<HTMLAudioElement>(
          `audio[data-participant="${id}"]`,
        );
        const tones = [...voices].flatMap(({ srcObject }) =>
          srcObject instanceof MediaStream
            ? srcObject.getAudioTracks().flatMap((track) => window.signedMedia.readToneTrack(track))
            : [],
        );
        remote.set(id, { id, displayName, pictures, tones });
      }
      return [...remote.values()];
    }, this.id);
  }

  async sendChat(text: string): Promise<void> {
    await this.#openChat();
    const input = this.participant.page.getByLabel('Message to everybody');
    await input.fill(text);
    await input.press('Enter');
  }

  /** What the chat panel's log shows of others' messages, links as their text. */
  async chatTexts(): Promise<string[]> {
    await this.#openChat();
    const log = this.participant.page.getByRole('log');
    return log.evaluate((element) =>
      // A message is a sender with a time, then the text; what has no sender is news, not chat.
      [...element.children].flatMap((entry) => {
        const sender = entry.querySelector('strong')?.textContent ?? '';
        const text = entry.querySelector('p:last-child')?.textContent ?? '';
        return sender === '' || sender === 'You' ? [] : [text];
      }),
    );
  }

  async leave(): Promise<void> {
    await this.participant.page.getByRole('button', { name: /^Leave/ }).click();
    await this.participant.page.getByRole('heading', { name: 'You left the meeting' }).waitFor();
  }

  async close(): Promise<void> {
    await this.participant.close();
  }

  async #openChat(): Promise<void> {
    const { page } = this.participant;
    if (await page.getByRole('log').isVisible()) return;
    await page.getByRole('button', { name: /^Chat/ }).click();
    await page.getByRole('log').waitFor();
  }
}
