/** JSON in messages, by which the server's components and other clients talk (`json-message` of Jitsi). */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';

export type JsonObject = Readonly<Record<string, unknown>>;

const MAX_LENGTH = 65_536;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object in `stanza`; undefined when there is none, it is no object, or it is too long. */
export function readJsonMessage(stanza: XmlElement): JsonObject | undefined {
  const text = stanza.child('json-message')?.text ?? '';
  if (text === '' || text.length > MAX_LENGTH) return undefined;
  try {
    const json: unknown = JSON.parse(text);
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

/** @param type `groupchat` for a room, `chat` for one occupant */
export function writeJsonMessage(
  to: string,
  type: 'groupchat' | 'chat',
  json: JsonObject,
): XmlElement {
  const payload = xml('json-message', NS.jitmeet, undefined, JSON.stringify(json));
  return xml('message', NS.client, { to, type }, payload);
}
