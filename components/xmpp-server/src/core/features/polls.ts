/**
 * Polls (COMPAT: Jitsi's `polls`): a question, answers to choose from, and who chose what. Who asks
 * and who votes is taken from the session, never from the message.
 */
import { NS } from '@conclave/protocols/xmpp';
import { displayNameOf } from '../muc/display-name.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { Room } from '../muc/room.ts';
import { refuse, type StanzaInput } from '../stanza-input.ts';
import { type FeatureCommand, FeatureComponent, type FeatureContext } from './feature-component.ts';
import { isRecord, parseJsonObject } from './json-object.ts';
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
        return undefined;
      });
    }
  }

  #handle({ occupant, input }: FeatureCommand): boolean {
    const text = input.stanza.child('json-message', NS.jitmeet)?.text ?? '';
    if (text.length >= MAX_LENGTH || occupant.role === 'visitor') return false;
    const json = parseJsonObject(text);
    if (json?.type !== 'polls' || typeof json.pollId !== 'string' || json.pollId === '') {
      return false;
    }
    switch (json.command) {
      case 'new-poll':
        return this.#create(occupant, json.pollId, json, input);
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
    input: StanzaInput,
  ): boolean {
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
    if (isForbidden !== undefined) {
      refuse(this.#context.core, input, { condition: 'not-allowed', text: isForbidden });
      return true;
    }
    const senderName = displayNameOf(payload);
    polls.set(pollId, { senderId: nick, senderName, question, answers: names, votes: new Map() });
    this.#polls.set(room, polls);
    this.#broadcast(room, {
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
    { room, nick, payload }: Occupant,
    pollId: string,
    { answers }: Readonly<Record<string, unknown>>,
  ): boolean {
    const poll = this.#polls.get(room)?.get(pollId);
    if (poll === undefined || !isVote(answers, poll.answers.length)) return false;
    // The same again is no news.
    if (poll.votes.get(nick)?.answers.join() === answers.join()) return false;
    const senderName = displayNameOf(payload);
    poll.votes.set(nick, { name: senderName, answers });
    this.#broadcast(room, {
      command: 'answer-poll',
      pollId,
      senderId: nick,
      senderName,
      answers,
    });
    return true;
  }

  #broadcast(room: Room, json: Readonly<Record<string, unknown>>): void {
    const news = this.#component.news({ type: 'polls', ...json });
    room.broadcastPrepared(news, ({ recipient }) => !recipient.isComponent);
  }
}

function answerNames(answers: unknown): string[] | undefined {
  if (!Array.isArray(answers) || answers.length === 0 || answers.length > MAX_ANSWERS) {
    return undefined;
  }
  const names: string[] = [];
  for (const answer of answers as unknown[]) {
    if (!isRecord(answer) || typeof answer.name !== 'string') return undefined;
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
