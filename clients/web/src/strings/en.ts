/** Every text of the web client, in English; the parts are by screen. Functions take what varies; nothing is put together elsewhere. */
import { call } from './en/call.ts';
import { conversation } from './en/conversation.ts';
import { devices } from './en/devices.ts';
import { endings } from './en/endings.ts';
import { entrance } from './en/entrance.ts';
import { people } from './en/people.ts';

export const en = {
  appName: 'Conclave',
  pageTitle: (room: string) => `${room} | Conclave`,
  /** In the browser's tab while there is news: messages that were not read, people who wait. */
  pageTitleWithNews: (count: number, room: string) => `(${count}) ${room} | Conclave`,
  dialog: { close: 'Close' },
  ...entrance,
  ...call,
  ...devices,
  ...people,
  ...conversation,
  ...endings,
} as const;
