/** Finds web addresses in a message. The result is data: nothing is ever put into the page as HTML. */

export type TextPart =
  | { readonly type: 'text'; readonly text: string }
  /** `href` is http or https, nothing else. */
  | { readonly type: 'link'; readonly text: string; readonly href: string };

const ADDRESS = /\bhttps?:\/\/[^\s<>"'`\p{Cc}\p{Cf}]+/giu;
/** Punctuation that ends a sentence rather than an address. */
const TRAILING = /[.,;:!?…]+$/u;
const MAX_LINKS = 50;

function trimmed(address: string): string {
  let text = address;
  for (;;) {
    const before = text;
    text = text.replace(TRAILING, '');
    // A bracket belongs to the address only when it was opened there.
    for (const [open, close] of ['()', '[]', '{}']) {
      if (open === undefined || close === undefined) continue;
      if (text.endsWith(close) && text.split(close).length > text.split(open).length) {
        text = text.slice(0, -1);
      }
    }
    if (text === before) return text;
  }
}

export function linkify(message: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  let links = 0;
  for (const match of message.matchAll(ADDRESS)) {
    if (++links > MAX_LINKS) break;
    const text = trimmed(match[0]);
    const href = safeHref(text);
    if (href === undefined) continue;
    if (match.index > end) parts.push({ type: 'text', text: message.slice(end, match.index) });
    parts.push({ type: 'link', text, href });
    end = match.index + text.length;
  }
  if (end < message.length) parts.push({ type: 'text', text: message.slice(end) });
  return parts;
}

function safeHref(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  // Credentials in an address serve to make it look like another one.
  if (url.username !== '' || url.password !== '' || url.hostname === '') return undefined;
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : undefined;
}
