/**
 * Between a connection to a directory and the library that reads it: only whole messages of the right form come through, one at a time.
 * After anything else the connection is ended, and with it what waited for an answer.
 */
import type { Client } from 'ldapts';
import { nextAnswer } from '../core/ldap-answer.ts';

/** The library's parser, which it does not show. */
interface Parser {
  read(data: Buffer, waiting: unknown): void;
}

export class LdapGuard {
  readonly #client: Client;
  #rest: Buffer = Buffer.alloc(0);

  constructor(client: Client) {
    this.#client = client;
    const parser: unknown = Reflect.get(client, 'messageParser');
    if (!isParser(parser)) throw new Error('ldapts has its parser elsewhere: see to ldap-guard.ts');
    const read = parser.read.bind(parser);
    parser.read = (data, waiting) => this.#handleData(data, (whole) => read(whole, waiting));
  }

  /** Half a message from before TLS would be put together with what the directory says: somebody on the way may have sent it. */
  handleTls(): void {
    if (this.#rest.length > 0) this.#end();
  }

  #handleData(data: Buffer, pass: (whole: Buffer) => void): void {
    this.#rest = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    for (;;) {
      const answer = nextAnswer(this.#rest);
      if (answer.type === 'incomplete') return;
      if (answer.type === 'malformed') {
        this.#end();
        return;
      }
      const whole = this.#rest.subarray(0, answer.length);
      this.#rest = this.#rest.subarray(answer.length);
      pass(whole);
    }
  }

  #end(): void {
    this.#rest = Buffer.alloc(0);
    const socket: unknown = Reflect.get(this.#client, 'socket');
    if (isSocket(socket)) socket.destroy(new Error('what it answers is no LDAP'));
  }
}

function isParser(value: unknown): value is Parser {
  return typeof value === 'object' && value !== null && 'read' in value;
}

function isSocket(value: unknown): value is { destroy(error: Error): void } {
  return typeof value === 'object' && value !== null && 'destroy' in value;
}
