/** In German: what is said beside the pictures. */
import type { Texts } from '../texts.ts';

export const conversation: Pick<Texts, 'chat' | 'polls' | 'speakers'> = {
  chat: {
    title: 'Chat',
    close: 'Chat schließen',
    log: 'Nachrichten',
    empty: 'Noch keine Nachrichten. Was Sie hier schreiben, sehen alle in der Besprechung.',
    inputLabel: 'Nachricht an alle',
    privateInputLabel: (name) => `Private Nachricht an ${name}`,
    placeholder: 'Nachricht schreiben',
    send: 'Senden',
    recipient: 'An',
    everybody: 'Alle',
    nobodyYet: 'Bitte wählen',
    restricted:
      'In dieser Besprechung schreibt nur die Moderation an alle. Sie können Einzelnen schreiben.',
    joined: (name) => `${name} ist gekommen`,
    left: (name) => `${name} ist gegangen`,
    privateFrom: (name) => `${name}, nur an Sie`,
    privateTo: (name) => `Sie, nur an ${name}`,
    notSent: 'Die Nachricht wurde nicht zugestellt.',
  },

  polls: {
    title: 'Umfragen',
    close: 'Umfragen schließen',
    empty: 'Noch hat niemand etwas gefragt.',
    ask: 'Eine Frage stellen',
    restricted: 'In dieser Besprechung stellt nur die Moderation Fragen.',
    visitor: 'Wer zusieht, sieht die Ergebnisse und stimmt nicht ab.',
    question: 'Frage',
    answer: (number) => `Antwort ${number}`,
    removeAnswer: (number) => `Antwort ${number} entfernen`,
    addAnswer: 'Antwort hinzufügen',
    send: 'Fragen',
    cancel: 'Abbrechen',
    problems: {
      question: 'Schreiben Sie zuerst eine Frage.',
      answers: 'Bieten Sie mindestens zwei Antworten an.',
      same: 'Zwei Antworten sind gleich.',
      tooLong: 'Frage und Antworten sind zusammen zu lang. Bitte kürzen Sie sie.',
    },
    askedBy: (name) => `Gefragt von ${name}`,
    vote: 'Abstimmen',
    changeVote: 'Stimme ändern',
    showResults: 'Ergebnisse zeigen',
    yours: '(Ihre Wahl)',
    votes: (count, percent) => `${count} (${percent} %)`,
    voters: (count) =>
      count === 1 ? '1 Person hat abgestimmt' : `${count} Personen haben abgestimmt`,
    asks: (name, question) => `${name} fragt: ${question}`,
    open: 'Antworten',
    refused: (text) =>
      text === ''
        ? 'Ihre Frage wurde nicht angenommen.'
        : `Ihre Frage wurde nicht angenommen: ${text}`,
  },

  speakers: {
    title: 'Redezeit',
    lasts: (minutes) => `Die Besprechung dauert seit ${minutes} min.`,
    nobody: 'Noch hat niemand gesprochen.',
    gone: (name) => `${name} (gegangen)`,
    time: (minutes, seconds) => `${minutes} min ${seconds} s`,
  },
};
