/** A participant on our own web client, driven as a person would: by labels and buttons. */
import type { ChromiumDriver, ParticipantPage } from '@conclave/testkit/browser';
import { type CallClient, displayNameOf, type RemoteParticipant } from './call-client.ts';
import { readTiles } from './read-tiles.ts';

export interface WebClientOptions {
  readonly number: number;
  /** Camera size in px; default 640 x 360. */
  readonly width?: number;
  readonly height?: number;
  /** Whether a shared screen comes with a sound. */
  readonly sharesSound?: boolean;
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
    await this.knock(room);
    if (options.password !== undefined) {
      await page.getByLabel('Room password').fill(options.password);
      await page.getByRole('button', { name: 'Join meeting' }).click();
    }
    await this.entered();
  }

  /** Resolves when the call is on the screen. */
  async entered(): Promise<void> {
    const own = this.participant.page.locator('li[data-participant]', { hasText: '(you)' });
    this.id = (await own.getAttribute('data-participant')) ?? '';
  }

  readRemote(): Promise<RemoteParticipant[]> {
    return this.participant.page.evaluate(readTiles, this.id);
  }

  /** Numbers in the pictures of the screens that others share. */
  readScreens(): Promise<(number | undefined)[]> {
    return this.participant.page.evaluate(() =>
      [...document.querySelectorAll<HTMLVideoElement>('li[data-screen] video')].map(
        (video) => window.signedMedia.readPictureElement(video).number,
      ),
    );
  }

  /** Fills in the name and asks to join; what comes next is the room's. */
  async knock(room: string): Promise<void> {
    const { page } = this.participant;
    await page.goto(`${this.#serverUrl}/${room}`);
    await page.getByLabel('Your name').fill(displayNameOf(this.number));
    await page.getByRole('button', { name: 'Join meeting' }).click();
  }

  /** Presses the button of this name. */
  async press(name: string | RegExp): Promise<void> {
    await this.participant.page.getByRole('button', { name, exact: true }).click();
  }

  async chooseFromMenu(item: string): Promise<void> {
    await this.press('More');
    await this.participant.page.getByRole('menuitem', { name: item }).click();
  }

  /** Opens the list of people and chooses from the menu of one of them. */
  async doTo(number: number, item: string): Promise<void> {
    const { page } = this.participant;
    const panel = page.getByRole('complementary', { name: 'People' });
    if (!(await panel.isVisible())) await this.press(/^People/);
    await this.press(`What to do with ${displayNameOf(number)}`);
    await page.getByRole('menuitem', { name: item, exact: true }).click();
  }

  /** Waits until `text` can be seen. */
  async sees(text: string | RegExp): Promise<void> {
    await this.participant.page.getByText(text).first().waitFor();
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
