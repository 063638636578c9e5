/** In which language somebody reads the server's pages: what their browser prefers (RFC 9110 §12.5.4, Accept-Language). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PageTexts } from './page-texts.ts';
import { DE } from './texts-de.ts';
import { EN } from './texts-en.ts';

/** The same languages as the web client's (`clients/web/src/strings/languages.ts`). */
const LANGUAGES: ReadonlyMap<string, PageTexts> = new Map([
  ['en', EN],
  ['de', DE],
]);
const MAX_PREFERENCES = 20;

/** @param header such as `de-AT, en;q=0.5`; undefined without one */
export function textsFor(header: string | undefined): PageTexts {
  const preferences = (header ?? '').split(',', MAX_PREFERENCES).map((entry) => {
    const [range = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    return {
      code: range.split('-', 1)[0] ?? '',
      weight: weight === undefined ? 1 : Number(weight),
    };
  });
  const best = preferences
    .filter(({ weight }) => weight > 0 && weight <= 1)
    .sort((one, other) => other.weight - one.weight)
    .map(({ code }) => LANGUAGES.get(code))
    .find((texts) => texts !== undefined);
  return best ?? EN;
}

/** The texts for whoever asks; tells caches that others may get other ones. */
export function chooseTexts(request: IncomingMessage, response: ServerResponse): PageTexts {
  response.setHeader('Vary', 'Accept-Language');
  return textsFor(request.headers['accept-language']);
}
