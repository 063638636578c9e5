/**
 * Polls as Jitsi's applications before 2025 say them (COMPAT): JSON in groupchat messages, with what the component's
 * clients know from its address. Both kinds of clients answer the same polls.
 */
import { isJsonObject, parseJsonObject } from '@conclave/base';
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { jsonMessage, NS } from '@conclave/protocols/xmpp';

type Json = Readonly<Record<string, unknown>>;

/** Characters; the room keeps what a poll says, and repeats it to everybody who comes. */
const MAX_LENGTH = 8_192;

/** A command in the component's form, which makes no sense when it is too long; undefined for any other message. */
export function commandFromLegacy(stanza: XmlElement): Json | undefined {
  const text = stanza.child('json-message', NS.jitmeet)?.text ?? '';
  if (!text.includes('-poll"')) return undefined;
  if (text.length > MAX_LENGTH) return {};
  const json = parseJsonObject(text);
  if (json === undefined) return undefined;
  const { type, pollId, question, answers } = json;
  if (type === 'answer-poll') return { command: 'answer-poll', pollId, answers };
  if (type !== 'new-poll') return undefined;
  // Texts alone, or objects with voters that nobody has to believe.
  const names = Array.isArray(answers)
    ? (answers as unknown[]).map((answer) => (isJsonObject(answer) ? answer : { name: answer }))
    : answers;
  return { command: 'new-poll', pollId, question, answers: names };
}

/**
 * What the component tells its clients, as those applications read it: a message of the occupant that asked or voted.
 * @param news in the component's form
 */
export function legacyNews(occupantJid: string, news: Json): XmlElement {
  const { command, pollId, senderId, senderName, question, answers } = news;
  const json =
    command === 'answer-poll'
      ? { type: command, pollId, voterId: senderId, voterName: senderName, answers }
      : {
          type: command,
          pollId,
          senderId,
          senderName,
          question,
          answers: (answers as { name: string }[]).map(({ name }) => name),
        };
  return xml('message', NS.client, { from: occupantJid, type: 'groupchat' }, jsonMessage(json));
}

/**
 * For who comes later. Without votes: their form differs between those applications, and a wrong one would break them.
 * @param polls by id
 */
export function legacyOldPolls(
  roomJid: string,
  polls: ReadonlyMap<
    string,
    {
      readonly senderId: string;
      readonly senderName: string | undefined;
      readonly question: string;
      readonly answers: readonly string[];
    }
  >,
): XmlElement {
  const json = {
    type: 'old-polls',
    polls: [...polls].map(([id, { senderId, senderName, question, answers }]) => ({
      id,
      senderId,
      senderName,
      question,
      answers: answers.map((name) => ({ name, voters: [] })),
    })),
  };
  return xml('message', NS.client, { from: roomJid, type: 'groupchat' }, jsonMessage(json));
}
