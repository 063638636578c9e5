/** The built server as a process, and what else tests need to listen. */
export { ConclaveServer, type ServerOptions } from './conclave-server.ts';
export { freeTcpPort, freeUdpPort } from './free-ports.ts';
export { type Delay, type Direction, type Impairment, MediaRelay } from './media-relay.ts';
export { type SiteEntry, StaticSite } from './static-site.ts';
