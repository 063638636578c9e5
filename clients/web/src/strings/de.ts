/** Every text of the web client in German; the parts are those of the English. */
import { call } from './de/call.ts';
import { conversation } from './de/conversation.ts';
import { devices } from './de/devices.ts';
import { endings } from './de/endings.ts';
import { entrance } from './de/entrance.ts';
import { people } from './de/people.ts';
import type { Texts } from './texts.ts';

export const de: Texts = {
  appName: 'Conclave',
  pageTitle: (room) => `${room} | Conclave`,
  pageTitleWithNews: (count, room) => `(${count}) ${room} | Conclave`,
  dialog: { close: 'Schließen' },
  ...entrance,
  ...call,
  ...devices,
  ...people,
  ...conversation,
  ...endings,
};
