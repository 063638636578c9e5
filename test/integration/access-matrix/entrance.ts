/** The server that somebody tries to enter, and what came of it. */

import type { ServerProcess } from '../server-process.ts';
import { XmppClient } from '../xmpp-client.ts';

export interface Outcome {
  /** The role, or where it ended. */
  readonly outcome: string;
  /** When it is in. */
  readonly client?: XmppClient;
}

export interface Way {
  /** Logs in and enters. */
  enter(room: string): Promise<Outcome>;
  /** Makes the log-in worthless, as far as it can become that. */
  expire(): Promise<void>;
}

export class Entrance {
  readonly server: ServerProcess;
  readonly #clients: XmppClient[] = [];

  constructor(server: ServerProcess) {
    this.server = server;
  }

  async connect(query = ''): Promise<XmppClient> {
    const client = await XmppClient.connect(this.server, query);
    this.#clients.push(client);
    return client;
  }

  async enterAs(
    client: XmppClient,
    room: string,
    session: Parameters<XmppClient['requestConference']>[1] = {},
  ): Promise<Outcome> {
    const answer = await client.requestConference(room, session);
    const error = answer.child('error');
    if (error !== undefined) {
      const names = [...error.elements()].map(({ name }) => name);
      const isAboutSession = names.includes('session-invalid');
      return { outcome: `request: ${isAboutSession ? 'session-invalid' : names[0]}` };
    }
    await client.join(room);
    return { outcome: await this.roleNow(client, room), client };
  }

  /** The focus makes owners in a presence of its own; what it does about a join is done when it answers. */
  async roleNow(client: XmppClient, room: string): Promise<string> {
    await client.ask('get', 'focus.meet.jitsi', '<ping xmlns="urn:xmpp:ping"/>');
    const from = `from="${room}/${client.nick}"`;
    const own = client.frames.filter((f) => f.startsWith('<presence') && f.includes(from)).at(-1);
    return /role="(\w+)"/.exec(own ?? '')?.[1] ?? 'nothing';
  }

  closeClients(): void {
    for (const client of this.#clients.splice(0)) client.close();
  }
}
