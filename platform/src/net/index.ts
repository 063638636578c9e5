/** Time, addresses and sockets of the machine. */
export { AddressCounter, addressKey } from './address-counter.ts';
export { type LocalAddress, localAddresses, selectLocalAddresses } from './local-addresses.ts';
export { systemClock, systemTimers } from './system-clock.ts';
export {
  type UpgradeRequest,
  WebSocketAcceptor,
  type WebSocketAcceptorOptions,
  type WebSocketHandler,
  type WebSocketLink,
} from './web-socket-acceptor.ts';
