/** In German: before the call, and why somebody was not let in. */
import type { Texts } from '../texts.ts';

export const entrance: Pick<
  Texts,
  'welcome' | 'prejoin' | 'password' | 'lobby' | 'waiting' | 'logIn' | 'refusal'
> = {
  welcome: {
    title: 'Von Angesicht zu Angesicht',
    subtitle:
      'Einem Raum einen Namen geben, den Link senden, sprechen. Ohne Konto, nichts zu installieren.',
    roomLabel: 'Name des Raums',
    start: 'Besprechung beginnen',
    suggestion: (name) => `Ohne Eingabe heißt er „${name}“.`,
    invalid: 'Der Name eines Raums darf keines dieser Zeichen enthalten:  ? & : \' " % # . /',
    recentTitle: 'Letzte Räume',
    forget: (room) => `${room} vergessen`,
  },

  prejoin: {
    title: 'Bereit?',
    room: 'Raum',
    nameLabel: 'Ihr Name',
    namePlaceholder: 'Wird den anderen gezeigt',
    join: 'Teilnehmen',
    joining: 'Einen Augenblick …',
    previewLabel: 'Vorschau der Kamera',
    cameraOff: 'Ihre Kamera ist aus',
    cameraStarting: 'Ihre Kamera startet …',
    devices: 'Kamera, Mikrofon und Lautsprecher',
    unreachable: 'Der Server ist nicht zu erreichen. Neuer Versuch …',
  },

  password: {
    title: 'Dieser Raum hat ein Passwort',
    wrong: 'Das ist nicht das Passwort. Bitte versuchen Sie es noch einmal.',
    label: 'Passwort des Raums',
    submit: 'Teilnehmen',
    cancel: 'Abbrechen',
  },

  lobby: {
    nameTitle: 'Wie heißen Sie?',
    ask: 'Um Einlass bitten',
    waitingTitle: 'Um Einlass gebeten',
    waiting: 'Die Tür ist zu. Die Moderation weiß, dass Sie hier sind.',
    note: 'Nachricht an die Moderation',
    send: 'Senden',
    havePassword: 'Ich habe ein Passwort',
    cancel: 'Abbrechen',
  },

  waiting: {
    title: 'Warten auf die Gastgeberin oder den Gastgeber',
    text: 'Die Besprechung hat noch nicht begonnen. Sie kommen hinein, sobald jemand sie eröffnet.',
    logIn: 'Ich eröffne sie',
    cancel: 'Abbrechen',
  },

  logIn: {
    title: 'Anmelden',
    user: 'Benutzername',
    password: 'Passwort',
    submit: 'Anmelden',
    pending: 'Anmeldung läuft …',
    or: 'oder',
    organisation: 'Ihrer Organisation',
    with: (name) => `Anmelden mit ${name}`,
    cancel: 'Abbrechen',
  },

  refusal: {
    tokenRequired:
      'Dieser Server verlangt eine Einladung. Öffnen Sie den Link, den Sie bekommen haben, oder melden Sie sich an.',
    tokenExpired: 'Ihre Einladung ist abgelaufen. Bitten Sie um einen neuen Link.',
    tokenTooEarly:
      'Ihre Einladung gilt noch nicht. Versuchen Sie es zur Zeit der Besprechung noch einmal.',
    tokenInvalid: 'Ihre Einladung gilt auf diesem Server nicht. Bitten Sie um einen neuen Link.',
    otherRoom:
      'Ihre Einladung gilt für einen anderen Raum. Öffnen Sie den Link, den Sie bekommen haben.',
    wrongPassword: 'Benutzername oder Passwort ist falsch.',
    lockedOut: 'Zu viele Versuche. Warten Sie ein paar Minuten und versuchen Sie es dann wieder.',
    directoryDown:
      'Die Anmeldung geht gerade nicht. Versuchen Sie es wieder, oder sagen Sie es der Verwaltung.',
    accountDisabled: 'Dieses Konto ist gesperrt. Fragen Sie die Verwaltung.',
  },
};
