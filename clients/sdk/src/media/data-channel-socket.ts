/** The bridge channel as a WebRTC data channel: ordered and reliable, with the label and protocol that bridges expect. */
import type { Socket, SocketEvents } from '../platform/platform.ts';

const LABEL = 'JVB data channel';
const PROTOCOL = 'http://jitsi.org/protocols/colibri';

/** The peer connection may still be connecting. */
export function openDataChannel(
  pc: Pick<RTCPeerConnection, 'createDataChannel'>,
  events: SocketEvents,
): Socket {
  const channel = pc.createDataChannel(LABEL, { protocol: PROTOCOL });
  let hasEnded = false;
  channel.onopen = () => {
    if (!hasEnded) events.onOpen();
  };
  channel.onmessage = ({ data }) => {
    if (!hasEnded && typeof data === 'string') events.onText(data);
  };
  channel.onclose = () => {
    if (hasEnded) return;
    hasEnded = true;
    events.onClose();
  };
  return {
    send(text) {
      if (channel.readyState === 'open') channel.send(text);
    },
    close() {
      hasEnded = true;
      channel.close();
    },
  };
}
