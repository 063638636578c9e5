/**
 * Questions to everybody, with answers to choose from (Jitsi's `polls` component): asked by one, answered by all, counted
 * for all to see. The server says who asked and who voted; the newest question is last.
 */

import { Emitter } from '../emitter.ts';
import { type ReadonlyStore, Store } from '../store.ts';
import { isObject, type JsonObject, writeJsonMessage } from './json-message.ts';
import type { RoomContext } from './room-context.ts';
import type { RoomServices } from './room-services.ts';

export interface PollVoter {
  readonly id: string;
  /** Empty when the person gave no name. */
  readonly name: string;
}

export interface PollAnswer {
  readonly text: string;
  /** In the order in which they voted. */
  readonly voters: readonly PollVoter[];
}

export interface Poll {
  readonly id: string;
  readonly askerId: string;
  /** Empty when the person gave none. */
  readonly askerName: string;
  readonly question: string;
  readonly answers: readonly PollAnswer[];
}

type PollEvents = {
  /** A question that was not there when we came; our own too. */
  asked: [poll: Poll];
  /** The server did not take our question. `text` is what it said, or empty. */
  refused: [text: string];
};

const TYPE = 'polls';
const MAX_POLLS = 128;
const MAX_ANSWERS = 64;
const MAX_TEXT_LENGTH = 500;
const MAX_NAME_LENGTH = 200;
const MAX_VOTERS = 5_000;
/** The server drops commands that are longer, in bytes of UTF-8. */
const MAX_COMMAND_BYTES = 1_023;

/** How many votes there are: people, not crosses. */
export function votersOf({ answers }: Poll): number {
  return new Set(answers.flatMap(({ voters }) => voters.map(({ id }) => id))).size;
}

export interface PollsContext extends Pick<RoomContext, 'send' | 'ownId'> {
  newId(): string;
  nameOf(id: string): string;
}

export class Polls {
  readonly #context: PollsContext;
  readonly #services: () => RoomServices;
  readonly #all = new Store<readonly Poll[]>([]);
  readonly #events = new Emitter<PollEvents>();

  constructor(context: PollsContext, services: () => RoomServices) {
    this.#context = context;
    this.#services = services;
  }

  readonly on: Emitter<PollEvents>['on'] = (name, listener) => this.#events.on(name, listener);

  get isAvailable(): boolean {
    return this.#services().polls !== undefined;
  }

  /** In the order in which they were asked. */
  get all(): ReadonlyStore<readonly Poll[]> {
    return this.#all;
  }

  /** For each answer whether we chose it. */
  ownVote({ answers }: Poll): boolean[] {
    return answers.map(({ voters }) => voters.some(({ id }) => id === this.#context.ownId));
  }

  /** False when question and answers together are too long; nothing is sent then. */
  ask(question: string, answers: readonly string[]): boolean {
    return this.#send({
      type: TYPE,
      command: 'new-poll',
      pollId: this.#context.newId(),
      question,
      answers: answers.map((name) => ({ name })),
    });
  }

  /** Instead of what we chose before. @param chosen as many as there are answers; all false takes the vote back */
  vote(pollId: string, chosen: readonly boolean[]): void {
    this.#send({ type: TYPE, command: 'answer-poll', pollId, answers: chosen });
  }

  /** A message of type `polls` from the component. */
  handleNews(json: JsonObject): void {
    switch (json.command) {
      case 'new-poll': {
        const poll = pollFromJson(json);
        if (poll !== undefined && this.#put(poll)) this.#events.emit('asked', poll);
        return;
      }
      case 'old-polls':
        for (const old of arrayOf(json.polls).slice(0, MAX_POLLS)) {
          const poll = pollFromJson(old);
          if (poll !== undefined) this.#put(poll);
        }
        return;
      case 'answer-poll':
        this.#count(json);
        return;
      default:
    }
  }

  /** The component refused what we sent. */
  handleRefusal(text: string): void {
    this.#events.emit('refused', text);
  }

  #send(command: JsonObject): boolean {
    const to = this.#services().polls;
    if (to === undefined) return false;
    const bytes = new TextEncoder().encode(JSON.stringify(command)).length;
    if (bytes > MAX_COMMAND_BYTES) return false;
    this.#context.send(writeJsonMessage(to, 'chat', command));
    return true;
  }

  /** True when it was not there before. */
  #put(poll: Poll): boolean {
    const all = this.#all.get();
    const index = all.findIndex(({ id }) => id === poll.id);
    if (index >= 0) {
      this.#all.set(all.with(index, poll));
      return false;
    }
    if (all.length >= MAX_POLLS) return false;
    this.#all.set([...all, poll]);
    return true;
  }

  #count({ pollId, senderId, senderName, answers: chosen }: JsonObject): void {
    const all = this.#all.get();
    const index = all.findIndex(({ id }) => id === pollId);
    const poll = all[index];
    if (poll === undefined || typeof senderId !== 'string' || !Array.isArray(chosen)) return;
    const name = nameFrom(senderName) || this.#context.nameOf(senderId);
    const answers = poll.answers.map(({ text, voters }, at) => {
      const others = voters.filter(({ id }) => id !== senderId);
      const isChosen = chosen[at] === true && others.length < MAX_VOTERS;
      return { text, voters: isChosen ? [...others, { id: senderId, name }] : others };
    });
    this.#all.set(all.with(index, { ...poll, answers }));
  }
}

function arrayOf(json: unknown): readonly unknown[] {
  return Array.isArray(json) ? json : [];
}

function nameFrom(json: unknown): string {
  return typeof json === 'string' ? json.trim().slice(0, MAX_NAME_LENGTH) : '';
}

function pollFromJson(json: unknown): Poll | undefined {
  if (!isObject(json) || typeof json.pollId !== 'string' || typeof json.question !== 'string') {
    return undefined;
  }
  const answers = arrayOf(json.answers).slice(0, MAX_ANSWERS).flatMap(answerFromJson);
  if (answers.length === 0) return undefined;
  return {
    id: json.pollId,
    askerId: typeof json.senderId === 'string' ? json.senderId : '',
    askerName: nameFrom(json.senderName),
    question: json.question.slice(0, MAX_TEXT_LENGTH),
    answers,
  };
}

function answerFromJson(json: unknown): PollAnswer[] {
  if (!isObject(json) || typeof json.name !== 'string') return [];
  const voters = arrayOf(json.voters)
    .slice(0, MAX_VOTERS)
    .flatMap((voter): PollVoter[] =>
      isObject(voter) && typeof voter.id === 'string'
        ? [{ id: voter.id, name: nameFrom(voter.name) }]
        : [],
    );
  return [{ text: json.name.slice(0, MAX_TEXT_LENGTH), voters }];
}
