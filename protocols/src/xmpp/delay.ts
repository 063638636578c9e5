/** When a delayed stanza was first sent (XEP-0203 v2.0, timestamps as XEP-0082). */
import { type XmlElement, xml } from '../xml/index.ts';
import { NS } from './namespaces.ts';

/** `wallMs` is Unix time in ms. */
export function delayToXml(from: string, wallMs: number): XmlElement {
  return xml('delay', NS.delay, { from, stamp: utcTimestamp(wallMs) });
}

const DAY_MS = 86_400_000;

/** `1970-01-01T00:00:00.000Z` for 0; years 1970 to 9999. */
export function utcTimestamp(wallMs: number): string {
  const ms = Math.floor(wallMs);
  const days = Math.floor(ms / DAY_MS);
  const inDay = ms - days * DAY_MS;
  // Days to a Gregorian date, with years that begin in March so that leap days come last
  // (H. Hinnant, "chrono-compatible low-level date algorithms", civil_from_days).
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const leaps =
    Math.floor(dayOfEra / 1_460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const hours = Math.floor(inDay / 3_600_000);
  const minutes = Math.floor(inDay / 60_000) % 60;
  const seconds = Math.floor(inDay / 1_000) % 60;
  const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  return `${date}T${pad(hours, 2)}:${pad(minutes, 2)}:${pad(seconds, 2)}.${pad(inDay % 1_000, 3)}Z`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
