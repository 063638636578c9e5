/** Datagrams in batches, SRTP and DTLS (RFC 3711, 5764, 6347, 7714, 7983), through a small C addon. */
export * from './contract.ts';
export { createPacketIo, createSelfSignedCertificate, threadCpuSeconds } from './packet-io.ts';
