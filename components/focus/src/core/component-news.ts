/** What components of the XMPP server tell the focus about a room: moderation, metadata, breakout rooms. */
import type { XmlElement } from '@conclave/protocols/xml';
import { parseJid } from '@conclave/protocols/xmpp';
import type { FocusOptions } from '../options.ts';
import { roomOfNews } from './av-moderation.ts';
import { breakoutNewsFromJson } from './breakout-news.ts';
import type { Conference } from './conference.ts';

export interface ComponentNews {
  /** Bare JID. */
  readonly room: string;
  apply(conference: Conference): void;
}

/** Longest JSON of a component's message that is read. */
const MAX_NEWS_LENGTH = 65_536;

/** Undefined for what no component says, and for what cannot be read. */
export function componentNewsFromXml(
  message: XmlElement,
  options: Pick<FocusOptions, 'avModerationAddress' | 'metadataAddress' | 'breakoutAddress'>,
): ComponentNews | undefined {
  const payload = message.child('json-message');
  const text = payload?.text ?? '';
  if (text.length > MAX_NEWS_LENGTH) return undefined;
  const about = (jid: string, apply: ComponentNews['apply']): ComponentNews | undefined => {
    const room = parseJid(jid);
    return room && { room: room.bare, apply };
  };
  switch (parseJid(message.attribute('from') ?? '')?.full) {
    case options.breakoutAddress: {
      const news = breakoutNewsFromJson(text);
      return news && { room: news.room, apply: (conference) => conference.setBreakouts(news) };
    }
    case options.metadataAddress:
      return about(payload?.attribute('room') ?? '', (conference) =>
        conference.handleMetadata(text),
      );
    case options.avModerationAddress:
      return about(roomOfNews(text), (conference) => conference.handleModerationNews(text));
    default:
      return undefined;
  }
}
