/**
 * What the browser driver puts into every page as `window.signedMedia`; bundled by `page-script.ts`.
 * Also keeps the page's peer connections, so that a failed test can dump their statistics.
 */
import { decodePeak, decodePictures } from './decode-media.ts';
import { readPictureElement, readPictureTrack, readToneTrack } from './read-media.ts';
import { signMedia } from './sign-media.ts';
import { watchFlow } from './watch-flow.ts';

const peerConnections: RTCPeerConnection[] = [];

/** Remote candidates on `fromPort` are replaced by one on `address` and `toPort`, where a relay listens. */
let relay:
  | { readonly fromPort: number; readonly address: string; readonly toPort: number }
  | undefined;

function relayCandidates(fromPort: number, toPort: number, address = '127.0.0.1'): void {
  relay = { fromPort, address, toPort };
}

function throughRelay(sdp: string | undefined): string {
  if (sdp === undefined || relay === undefined) return sdp ?? '';
  const { fromPort, address, toPort } = relay;
  return sdp
    .split('\r\n')
    .filter((line) => !line.startsWith('a=candidate:') || line.includes(` 127.0.0.1 ${fromPort} `))
    .map((line) => line.replace(` 127.0.0.1 ${fromPort} typ`, ` ${address} ${toPort} typ`))
    .join('\r\n');
}

function keepPeerConnections(): void {
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = new Proxy(Original, {
    construct(target, args, newTarget) {
      const connection: RTCPeerConnection = Reflect.construct(target, args, newTarget);
      peerConnections.push(connection);
      connection.setRemoteDescription = wrapRemoteDescription(connection.setRemoteDescription);
      return connection;
    },
  });
}

/** Puts the relay in, and logs a description that the browser refuses: it says why a client went wrong. */
function wrapRemoteDescription(
  setRemoteDescription: RTCPeerConnection['setRemoteDescription'],
): RTCPeerConnection['setRemoteDescription'] {
  return async function (this: RTCPeerConnection, description: RTCSessionDescriptionInit) {
    const relayed = { type: description.type, sdp: throughRelay(description.sdp) };
    try {
      await Reflect.apply(setRemoteDescription, this, [relayed]);
    } catch (error) {
      // biome-ignore lint/suspicious/noConsole: the console is where a page's driver reads
      console.error('setRemoteDescription refused', String(error), description.sdp);
      throw error;
    }
  };
}

/** Statistics of all peer connections that are not closed, as plain objects. */
async function readStats(): Promise<Record<string, unknown>[][]> {
  const open = peerConnections.filter((connection) => connection.connectionState !== 'closed');
  const reports = await Promise.all(open.map((connection) => connection.getStats()));
  return reports.map((report) => [...report.values()]);
}

const signedMedia = {
  signMedia,
  readPictureTrack,
  readPictureElement,
  decodePictures,
  decodePeak,
  readToneTrack,
  readStats,
  relayCandidates,
  watchFlow,
  peerConnections,
};

export type SignedMediaApi = typeof signedMedia;

declare global {
  interface Window {
    signedMedia: SignedMediaApi;
  }
}

keepPeerConnections();
window.signedMedia = signedMedia;
