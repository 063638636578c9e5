/**
 * Polls (COMPAT: Jitsi's `polls`): a question, answers to choose from, and who chose what. Who asks
 * and who votes is taken from the session, never from the message.
 */
import { isJsonObject, parseJsonObject } from '@conclave/base';
import { NS, type StanzaError } from '@conclave/protocols/xmpp';
import { displayNameOf } from '../muc/display-name.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { Room } from '../muc/room.ts';
import { PreparedStanza } from '../prepared-stanza.ts';
import { refuse } from '../stanza-input.ts';
import { type FeatureCommand, FeatureComponent, type FeatureContext } from './feature-component.ts';
import { commandFromLegacy, legacyNews, legacyOldPolls } from './legacy-polls.ts';
import { isPermitted } from './permissions.ts';
import type { RoomMetadata } from './room-metadata.ts';

const MAX_POLLS = 128;
/** Characters of a command (Jitsi's limit, there in bytes). */
const MAX_LENGTH = 1_024;
const MAX_ANSWERS = 64;

interface Vote {
  readonly name: string | undefined;
  readonly answers: readonly boolean[];
}

interface Poll {
  readonly senderId: string;
  readonly senderName: string | undefined;
  readonly question: string;
  readonly answers: readonly string[];
  /** By nick. */
  readonly votes: Map<string, Vote>;
}

export class Polls {
  readonly #context: FeatureContext;
  readonly #metadata: RoomMetadata | undefined;
  readonly #component: FeatureComponent;
  /** By id; rooms without polls are absent. */
  readonly #polls = new WeakMap<Room, Map<string, Poll>>();

  constructor(context: FeatureContext, metadata: RoomMetadata | undefined) {
    this.#context = context;
    this.#metadata = metadata;
    this.#component = new FeatureComponent(context, {
      label: 'polls',
      type: 'polls',
      handle: (command) => this.#handle(command),
    });
    for (const { hooks } of context.conferences) {
      hooks.occupantJoined.add(700, ({ room, occupant }) => {
        const polls = this.#polls.get(room);
        if (polls === undefined || occupant.recipient.isComponent) return undefined;
        const json = { type: 'polls', command: 'old-polls', polls: [...polls].map(pollToJson) };
        occupant.recipient.deliver(this.#component.news(json));
        occupant.recipient.deliver(new PreparedStanza(legacyOldPolls(room.jid.bare, polls)));
        return undefined;
      });
      hooks.preMessage.add(65, ({ occupant, stanza }) => {
        const command = commandFromLegacy(stanza);
        if (command === undefined || occupant.role === 'visitor') return undefined;
        const outcome = this.#take(occupant, command);
        return typeof outcome === 'object' ? outcome : outcome ? 'handled' : 'drop';
      });
    }
  }

  #handle({ occupant, input }: FeatureCommand): boolean {
    const text = input.stanza.child('json-message', NS.jitmeet)?.text ?? '';
    if (text.length >= MAX_LENGTH || occupant.role === 'visitor') return false;
    const json = parseJsonObject(text);
    if (json?.type !== 'polls') return false;
    const outcome = this.#take(occupant, json);
    if (typeof outcome === 'boolean') return outcome;
    refuse(this.#context.core, input, outcome);
    return true;
  }

  /** False when it makes no sense. */
  #take(occupant: Occupant, json: Readonly<Record<string, unknown>>): boolean | StanzaError {
    if (typeof json.pollId !== 'string' || json.pollId === '') return false;
    switch (json.command) {
      case 'new-poll':
        return this.#create(occupant, json.pollId, json);
      case 'answer-poll':
        return this.#answer(occupant, json.pollId, json);
      default:
        return false;
    }
  }

  #create(
    creator: Occupant,
    pollId: string,
    { question, answers }: Readonly<Record<string, unknown>>,
  ): boolean | StanzaError {
    const { room, nick, payload } = creator;
    const names = answerNames(answers);
    if (typeof question !== 'string' || names === undefined) return false;
    const polls = this.#polls.get(room) ?? new Map<string, Poll>();
    const isForbidden =
      this.#metadata?.isPollCreationRestricted(room) === true &&
      !isPermitted(creator, 'create-polls')
        ? 'Polls are created by moderators only'
        : polls.has(pollId)
          ? 'There is such a poll already'
          : polls.size >= MAX_POLLS
            ? 'There are too many polls'
            : undefined;
    if (isForbidden !== undefined) return { condition: 'not-allowed', text: isForbidden };
    const senderName = displayNameOf(payload);
    polls.set(pollId, { senderId: nick, senderName, question, answers: names, votes: new Map() });
    this.#polls.set(room, polls);
    this.#broadcast(creator, {
      command: 'new-poll',
      pollId,
      senderId: nick,
      senderName,
      question,
      answers: names.map((name) => ({ name })),
    });
    return true;
  }

  #answer(
    voter: Occupant,
    pollId: string,
    { answers }: Readonly<Record<string, unknown>>,
  ): boolean {
    const { room, nick, payload } = voter;
    const poll = this.#polls.get(room)?.get(pollId);
    if (poll === undefined || !isVote(answers, poll.answers.length)) return false;
    // The same again is no news.
    if (poll.votes.get(nick)?.answers.join() === answers.join()) return false;
    const senderName = displayNameOf(payload);
    poll.votes.set(nick, { name: senderName, answers });
    this.#broadcast(voter, {
      command: 'answer-poll',
      pollId,
      senderId: nick,
      senderName,
      answers,
    });
    return true;
  }

  #broadcast({ room, occupantJid }: Occupant, json: Readonly<Record<string, unknown>>): void {
    const news = this.#component.news({ type: 'polls', ...json });
    const legacy = new PreparedStanza(legacyNews(occupantJid, json));
    const isPerson = ({ recipient }: Occupant) => !recipient.isComponent;
    room.broadcastPrepared(news, isPerson);
    room.broadcastPrepared(legacy, isPerson);
  }
}

function answerNames(answers: unknown): string[] | undefined {
  if (!Array.isArray(answers) || answers.length === 0 || answers.length > MAX_ANSWERS) {
    return undefined;
  }
  const names: string[] = [];
  for (const answer of answers as unknown[]) {
    if (!isJsonObject(answer) || typeof answer.name !== 'string') return undefined;
    names.push(answer.name);
  }
  return names;
}

function isVote(answers: unknown, count: number): answers is boolean[] {
  return (
    Array.isArray(answers) &&
    answers.length === count &&
    answers.every((answer) => typeof answer === 'boolean')
  );
}

function pollToJson([pollId, poll]: [string, Poll]): unknown {
  const { senderId, senderName, question, answers, votes } = poll;
  return {
    pollId,
    senderId,
    senderName,
    question,
    answers: answers.map((name, index) => {
      const voters = [...votes]
        .filter(([, vote]) => vote.answers[index] === true)
        .map(([id, vote]) => ({ id, name: vote.name }));
      return { name, ...(voters.length > 0 && { voters }) };
    }),
  };
}
