/** The server's pages in German. */
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '@conclave/access';
import type { PageTexts } from './page-texts.ts';

export const DE: PageTexts = {
  tag: 'de',
  logIn: {
    title: 'Anmelden',
    user: 'Benutzername',
    password: 'Passwort',
    submit: 'Anmelden',
    with: (label) => `Anmelden mit ${label}`,
    locked: (minutes) =>
      `Zu viele vergebliche Anmeldungen. Versuchen Sie es in ${minutes} ${minutes === 1 ? 'Minute' : 'Minuten'} wieder.`,
  },
  loggedIn: {
    title: 'Sie sind angemeldet',
    as: (person) => `Als ${person}.`,
    continue: 'Weiter',
    logOut: 'Abmelden',
    closeWindow: 'Sie können dieses Fenster schließen.',
  },
  loggedOut: {
    title: 'Sie sind abgemeldet',
    still: (label) => `Bei ${label} sind Sie vielleicht noch angemeldet.`,
    there: 'Auch dort abmelden',
    again: 'Wieder anmelden',
  },
  notLoggedIn: { title: 'Sie sind nicht angemeldet', retry: 'Noch einmal versuchen' },
  problem: {
    wrongPassword: 'Benutzername oder Passwort ist falsch.',
    passwordsDown:
      'Passwörter können im Moment nicht geprüft werden. Versuchen Sie es bald noch einmal.',
    tooManyLogIns: 'Im Moment melden sich zu viele an. Versuchen Sie es bald noch einmal.',
    staleLogIn:
      'Diese Anmeldung wurde in einem anderen Browser begonnen, ist vorbei oder hat zu lange gedauert.',
    providerDown:
      'Die Organisation, bei der Sie sich anmelden, antwortet nicht. Versuchen Sie es bald noch einmal.',
    providerMisconfigured:
      'Dieser Server und die Organisation, bei der Sie sich anmelden, sind nicht füreinander eingerichtet. Sagen Sie es der Person, die den Server betreibt; der Grund steht in seinem Protokoll.',
    providerRefused: 'Die Anmeldung wurde abgebrochen, kam zu spät oder ist Ihnen nicht erlaubt.',
    server: 'Auf dem Server ist etwas schiefgegangen.',
  },
  invitation: {
    title: 'Passwort festlegen',
    user: 'Benutzername',
    password: 'Neues Passwort',
    hint: `Mindestens ${MIN_PASSWORD_LENGTH} Zeichen. Gut sind ein paar Wörter, die nur Sie so zusammenstellen würden.`,
    again: 'Noch einmal dasselbe',
    submit: 'Passwort festlegen',
    done: 'Ihr Passwort ist festgelegt',
    youAre: (name) => `Sie können sich jetzt als ${name} anmelden.`,
    home: 'Zur Startseite',
    failed: 'Das hat nicht geklappt',
    used: 'Diese Einladung wurde schon benutzt, ist abgelaufen oder durch eine neuere ersetzt. Bitten Sie die Person, von der sie kam, um eine andere.',
    wrongMethod: 'Dafür ist diese Adresse nicht da.',
    tooMany: 'Das tun im Moment zu viele. Versuchen Sie es bald noch einmal.',
    tooLong: 'Das Formular ist zu lang.',
    broken: 'Auf dem Server ist etwas schiefgegangen.',
    busy: 'Der Server ist beschäftigt. Versuchen Sie es gleich noch einmal.',
    differ: 'Die beiden Passwörter sind verschieden.',
    fault: {
      tooShort: `Ein Passwort hat mindestens ${MIN_PASSWORD_LENGTH} Zeichen.`,
      tooLong: `Ein Passwort hat höchstens ${MAX_PASSWORD_LENGTH} Zeichen.`,
      controlCharacter: 'Ein Passwort enthält keine Steuerzeichen.',
      isName: 'Das Passwort ist der Name des Kontos.',
    },
  },
};
