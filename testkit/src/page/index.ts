/**
 * What the browser driver puts into every page as `window.signedMedia`; bundled by `page-script.ts`.
 * Also keeps the page's peer connections, so that a failed test can dump their statistics.
 */
import { readPictureElement, readPictureTrack, readToneTrack } from './read-media.ts';
import { signMedia } from './sign-media.ts';

const peerConnections: RTCPeerConnection[] = [];

function keepPeerConnections(): void {
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = new Proxy(Original, {
    construct(target, args, newTarget) {
      const connection: RTCPeerConnection = Reflect.construct(target, args, newTarget);
      peerConnections.push(connection);
      connection.setRemoteDescription = logRefusals(connection.setRemoteDescription);
      return connection;
    },
  });
}

/** The description that a browser refuses says why a client went wrong. */
function logRefusals(
  setRemoteDescription: RTCPeerConnection['setRemoteDescription'],
): RTCPeerConnection['setRemoteDescription'] {
  return async function (this: RTCPeerConnection, description: RTCSessionDescriptionInit) {
    try {
      await Reflect.apply(setRemoteDescription, this, [description]);
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
  readToneTrack,
  readStats,
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
