/** The options of an agent with their defaults filled in; what is random about an agent is made here. */
import { isUnicast } from './address.ts';
import type { IceAgentOptions, IceCredentials } from './contract.ts';

export type IceSettings = Required<Omit<IceAgentOptions, 'transactionByte'>>;

export function iceSettings(options: IceAgentOptions): IceSettings {
  return {
    local: options.local,
    role: options.role ?? 'controlling',
    checkIntervalMs: options.checkIntervalMs ?? 50,
    retransmissionMs: options.retransmissionMs ?? 500,
    maxTransmissions: options.maxTransmissions ?? 7,
    relayedWaitMs: options.relayedWaitMs ?? 500,
    consentIntervalMs: options.consentIntervalMs ?? 5000,
    consentRetransmissionMs: options.consentRetransmissionMs ?? 500,
    consentMaxTransmissions: options.consentMaxTransmissions ?? 5,
    consentTimeoutMs: options.consentTimeoutMs ?? 30_000,
    connectTimeoutMs: options.connectTimeoutMs ?? 120_000,
    maxRemoteCandidates: options.maxRemoteCandidates ?? 20,
    maxPairs: options.maxPairs ?? 32,
    maxMessagesPerSecond: options.maxMessagesPerSecond ?? 100,
    canCheck: options.canCheck ?? isUnicast,
  };
}

const ICE_CHARS = /^[A-Za-z0-9+/]+$/;

/** Whether these can be credentials at all (RFC 8839 §5.4): ice-chars, ufrag 4..256, password 22..256. */
export function areIceCredentials({ ufrag, password }: IceCredentials): boolean {
  return (
    ufrag.length >= 4 &&
    ufrag.length <= 256 &&
    password.length >= 22 &&
    password.length <= 256 &&
    ICE_CHARS.test(ufrag) &&
    ICE_CHARS.test(password)
  );
}
