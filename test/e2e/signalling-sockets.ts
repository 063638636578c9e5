/** Takes the signalling away from a page, as a network does that breaks for a moment. */
import type { ParticipantPage } from '@conclave/testkit/browser';

type Page = ParticipantPage['page'];

/** Before the page that is watched is loaded: libraries take hold of WebSocket when they load. */
export async function watchSignalling(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const sockets: WebSocket[] = [];
    Object.assign(window, { signallingSockets: sockets });
    window.WebSocket = class extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        if (String(url).includes('/xmpp-websocket')) sockets.push(this);
      }
    };
  });
}

export async function breakSignalling(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { signallingSockets } = window as unknown as { signallingSockets: WebSocket[] };
    signallingSockets.at(-1)?.close(4000);
  });
}

/** Signalling connections that the page has made. */
export function signallingCount(page: Page): Promise<number> {
  return page.evaluate(
    () => (window as unknown as { signallingSockets: WebSocket[] }).signallingSockets.length,
  );
}
