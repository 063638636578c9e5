/** In German: after the call, or instead of it. */
import type { Texts } from '../texts.ts';

export const endings: Pick<Texts, 'left' | 'failure'> = {
  left: {
    title: 'Sie haben die Besprechung verlassen',
    rejoin: 'Wieder teilnehmen',
    home: 'Zur Startseite',
  },

  failure: {
    tryAgain: 'Noch einmal versuchen',
    kicked: {
      title: 'Sie wurden aus der Besprechung entfernt',
      by: (name) => `${name} hat Sie entfernt.`,
      text: 'Die Moderation hat Sie entfernt.',
    },
    roomFull: {
      title: 'Der Raum ist voll',
      text: 'Es ist kein Platz mehr. Versuchen Sie es wieder, wenn jemand gegangen ist.',
    },
    denied: {
      title: 'Sie wurden nicht eingelassen',
      text: 'Die Moderation hat abgelehnt. Fragen Sie auf anderem Weg und versuchen Sie es dann noch einmal.',
    },
    notAllowed: { title: 'Sie dürfen nicht in diesen Raum', text: 'Der Server hat abgelehnt.' },
    destroyed: { title: 'Die Besprechung ist zu Ende', text: 'Sie wurde für alle geschlossen.' },
    conferenceGone: {
      title: 'Die Besprechung wurde unterbrochen',
      text: 'Der Server hat sie beendet. Sie können wieder teilnehmen.',
    },
    mediaFailed: {
      title: 'Ton und Bild lassen sich nicht verbinden',
      text: 'Vielleicht sperrt sie Ihr Netz. Versuchen Sie ein anderes, oder bitten Sie dessen Verwaltung, UDP zu diesem Server zu erlauben.',
    },
    connectionLost: {
      title: 'Die Verbindung ist abgerissen',
      text: 'Der Server war nicht mehr zu erreichen.',
    },
    requestFailed: {
      title: 'Die Besprechung konnte nicht begonnen werden',
      text: 'Der Server hat die Anfrage nicht angenommen. Versuchen Sie es gleich noch einmal.',
    },
    nickConflict: {
      title: 'Ihr Platz ist besetzt',
      text: 'Das kann gleich nach dem Neuladen vorkommen. Versuchen Sie es noch einmal.',
    },
    authentication: {
      title: 'Der Server hat Sie nicht eingelassen',
      text: 'Er nimmt keine Gäste. Melden Sie sich an, oder bitten Sie um eine Einladung.',
    },
    logIn: 'Anmelden',
    noConfig: {
      title: 'Diese Seite ist nicht eingerichtet',
      text: 'Die Einstellungen des Servers (config.js) ließen sich nicht laden oder sind unvollständig. Ist es Ihr Server, dann prüfen Sie, ob er läuft und seine Adresse stimmt.',
    },
    unsupported: {
      title: 'Dieser Browser kann keine Videoanrufe',
      text: 'Bitte benutzen Sie einen aktuellen Chrome, Edge, Firefox oder Safari.',
    },
    details: (text) => `Der Server sagt: ${text}`,
  },
};
