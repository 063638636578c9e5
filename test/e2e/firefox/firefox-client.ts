/** A participant on our own web client in Firefox. */
import { waitUntil } from '@conclave/testkit';
import { displayNameOf, type RemoteParticipant } from '../call-client.ts';
import { readTiles } from '../read-tiles.ts';
import { Firefox } from './firefox.ts';

export class FirefoxClient {
  readonly number: number;
  id = '';
  readonly firefox: Firefox;
  readonly #serverUrl: string;

  private constructor(number: number, firefox: Firefox, serverUrl: string) {
    this.number = number;
    this.firefox = firefox;
    this.#serverUrl = serverUrl;
  }

  static async open(serverUrl: string, number: number): Promise<FirefoxClient> {
    return new FirefoxClient(number, await Firefox.launch(number), serverUrl);
  }

  async join(room: string): Promise<void> {
    await this.firefox.goto(`${this.#serverUrl}/${room}`);
    await this.#until('the field for the name', `document.activeElement?.tagName === 'INPUT'`);
    await this.firefox.type(displayNameOf(this.number));
    await this.firefox.type('\uE007'); // Enter
    const own = `[...document.querySelectorAll('li[data-participant]')].find((tile) => tile.textContent.includes('(you)'))?.dataset.participant`;
    await this.#until('the call', `${own} !== undefined`);
    this.id = String(await this.firefox.evaluate(own));
  }

  async readRemote(): Promise<RemoteParticipant[]> {
    const remote = await this.firefox.evaluate(`(${readTiles})(${JSON.stringify(this.id)})`);
    return remote as RemoteParticipant[];
  }

  /** How loud each voice arrives, 0..1; without a sound card there is no other way to hear. */
  async readLevels(): Promise<number[]> {
    return (await this.#readStats()).flatMap(({ type, kind, audioLevel }) => {
      const isVoice = type === 'inbound-rtp' && kind === 'audio';
      return isVoice && typeof audioLevel === 'number' ? [audioLevel] : [];
    });
  }

  /** Heights in px of the layers of its camera that it sends. */
  async readSentHeights(): Promise<number[]> {
    return (await this.#readStats()).flatMap(({ type, kind, frameHeight, framesSent }) => {
      const isLayer = type === 'outbound-rtp' && kind === 'video' && Number(framesSent) > 0;
      return isLayer && typeof frameHeight === 'number' ? [frameHeight] : [];
    });
  }

  async #readStats(): Promise<Record<string, unknown>[]> {
    const reports = await this.firefox.evaluate('window.signedMedia.readStats()');
    return (reports as Record<string, unknown>[][]).flat();
  }

  /** Presses the button of this name. */
  async press(name: string): Promise<void> {
    const button = `document.querySelector('button[aria-label^="${name}"]')`;
    await this.#until(`the button ${name}`, `${button} !== null`);
    await this.firefox.evaluate(`${button}.click()`);
  }

  /** Waits until `text` is on the page. */
  async sees(text: string): Promise<void> {
    await this.#until(text, `document.body.textContent.includes(${JSON.stringify(text)})`);
  }

  async sendChat(text: string): Promise<void> {
    await this.press('Chat');
    await this.#until('the chat', `document.activeElement?.tagName === 'TEXTAREA'`);
    await this.firefox.type(`${text}\uE007`);
  }

  async close(): Promise<void> {
    await this.firefox.close();
  }

  async #until(what: string, condition: string): Promise<void> {
    await waitUntil(what, async () => (await this.firefox.evaluate(condition)) === true);
  }
}
