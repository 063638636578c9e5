/** The browser as the SDK's platform. */

import type { Logger } from '@conclave/base';
import { silentLogger } from '@conclave/base';
import type { Platform, Socket, SocketEvents } from './platform.ts';

function openSocket(url: string, protocol: string | undefined, events: SocketEvents): Socket {
  const socket = protocol === undefined ? new WebSocket(url) : new WebSocket(url, protocol);
  let ended = false;
  socket.onopen = () => {
    if (!ended) events.onOpen();
  };
  socket.onmessage = ({ data }) => {
    if (!ended && typeof data === 'string') events.onText(data);
  };
  socket.onclose = () => {
    if (ended) return;
    ended = true;
    events.onClose();
  };
  return {
    send(text) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close() {
      ended = true;
      socket.close();
    },
  };
}

export function createBrowserPlatform(logger: Logger = silentLogger): Platform {
  return {
    logger,
    clock: { nowMs: () => performance.now(), wallMs: () => Date.now() },
    timers: {
      schedule(delayMs, callback) {
        const timer = setTimeout(callback, delayMs);
        return { cancel: () => clearTimeout(timer) };
      },
    },
    random: { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
    openSocket,
    subtle: crypto.subtle,
    async sha1Base64(text) {
      const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text));
      return btoa(String.fromCharCode(...new Uint8Array(digest)));
    },
  };
}

/** A peer connection for one session with the bridge: everything over one transport. */
export function createPeerConnection(): RTCPeerConnection {
  return new RTCPeerConnection({ bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require' });
}
