/** What the parts of a conference share: who is there, what they send, the bridges, and the way out. */
import type { AuditLog, Clock, Logger, RandomSource, Timers } from '@conclave/base';
import { type Jingle, jingleToXml } from '@conclave/protocols/jingle';
import type { XmlElement } from '@conclave/protocols/xml';
import type { Jid } from '@conclave/protocols/xmpp';
import type { FocusOptions } from '../options.ts';
import type { BridgeSelector } from './bridge-selector.ts';
import type { BridgeLink } from './bridge-session.ts';
import { ConferenceBridges } from './conference-bridges.ts';
import type { FeatureSource } from './feature-discovery.ts';
import type { IqReply, IqSender } from './iq-tracker.ts';
import { relayMedia } from './offer.ts';
import type { Participant } from './participant.ts';
import { SourceMap } from './source-map.ts';
import { mediaSourcesOf } from './source-set.ts';

/** Callbacks given to these are guarded: an exception ends this conference and no other. */
export interface ConferenceDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: RandomSource;
  readonly logger: Logger;
  readonly audit: AuditLog;
  readonly send: (stanza: XmlElement) => void;
  readonly iqs: IqSender;
  readonly bridgeLink: BridgeLink;
  readonly discovery: FeatureSource;
  /** Who is owner wherever it is, because it logged in. */
  readonly hasToLead: (realJid: Jid) => boolean;
  readonly bridgeSelector: BridgeSelector;
}

/** Longest wait for the answer to a Jingle or MUC request (Jicofo's). */
const IQ_TIMEOUT_MS = 15_000;

const NOT_MUTED = { audio: false, video: false };

export class ConferenceState {
  readonly room: Jid;
  readonly deps: ConferenceDependencies;
  readonly options: FocusOptions;
  /** By endpoint id, in order of joining. */
  readonly participants = new Map<string, Participant>();
  readonly sources: SourceMap;
  /** From the first conference request: participants beyond this number are asked to join muted. */
  startMuted: { audio: number | undefined; video: number | undefined } = {
    audio: undefined,
    video: undefined,
  };
  readonly bridges: ConferenceBridges;

  constructor(room: Jid, deps: ConferenceDependencies, options: FocusOptions) {
    this.room = room;
    this.deps = deps;
    this.options = options;
    this.sources = new SourceMap(options);
    this.bridges = new ConferenceBridges(
      {
        ...deps,
        relayMedia: relayMedia(options),
        describeEndpoint: (id) => ({
          id,
          sources: mediaSourcesOf(this.sources.of(id)),
          forceMute: { ...(this.participants.get(id)?.forceMute ?? NOT_MUTED) },
        }),
      },
      room.bare,
    );
  }

  /** Participants that count: not recorders and the like. */
  get countedParticipants(): number {
    let count = 0;
    for (const participant of this.participants.values()) if (!participant.isHidden) count++;
    return count;
  }

  /** People who look on. */
  get visitorCount(): number {
    let count = 0;
    for (const { role } of this.participants.values()) if (role === 'visitor') count++;
    return count;
  }

  get hasEnoughParticipants(): boolean {
    return this.countedParticipants >= this.options.minParticipants;
  }

  /** Somebody has a media session, or will have one soon. */
  get hasSessions(): boolean {
    for (const { session, allocation } of this.participants.values()) {
      if (session !== undefined || allocation !== undefined) return true;
    }
    return false;
  }

  isPresent(participant: Participant): boolean {
    return this.participants.get(participant.endpointId) === participant;
  }

  sendJingle(to: Participant, jingle: Jingle): void {
    this.sendIq(to, jingleToXml(jingle));
  }

  /** Sends to the participant through the room, without waiting for the answer. */
  sendIq(to: Participant, payload: XmlElement): void {
    const { focusJid } = this.options;
    this.deps.iqs.send({ type: 'set', from: focusJid, to: to.occupantJid, payload });
  }

  requestJingle(to: Participant, jingle: Jingle, onReply: (reply: IqReply) => void): void {
    this.request(to.occupantJid, jingleToXml(jingle), onReply);
  }

  request(to: string, payload: XmlElement, onReply: (reply: IqReply) => void): void {
    const from = this.options.focusJid;
    this.deps.iqs.request({ type: 'set', from, to, payload }, IQ_TIMEOUT_MS, onReply);
  }
}
