/** In German: the call itself, its tiles, buttons and banners. */
import type { Texts } from '../texts.ts';

function andOthers(name: string, others: number): string {
  if (others === 0) return name;
  return `${name} und ${others === 1 ? 'eine weitere Person' : `${others} weitere`}`;
}

const has = (others: number) => (others === 0 ? 'hat' : 'haben');

export const call: Pick<Texts, 'toolbar' | 'call' | 'invite' | 'keys'> = {
  toolbar: {
    label: 'Steuerung des Anrufs',
    microphone: 'Mikrofon',
    camera: 'Kamera',
    chat: 'Chat',
    people: 'Personen',
    hand: 'Hand heben',
    screen: 'Bildschirm teilen',
    more: 'Mehr',
    react: 'Reagieren',
    reactHint: 'Zeigen, wie es Ihnen geht',
    leave: 'Verlassen',
    mute: 'Mikrofon ausschalten',
    unmute: 'Mikrofon einschalten',
    cameraOff: 'Kamera ausschalten',
    cameraOn: 'Kamera einschalten',
    openChat: 'Chat öffnen',
    closeChat: 'Chat schließen',
    raiseHand: 'Hand heben',
    lowerHand: 'Hand senken',
    leaveCall: 'Besprechung verlassen',
    openPeople: 'Zeigen, wer da ist',
    closePeople: 'Nicht mehr zeigen, wer da ist',
    shareScreen: 'Bildschirm teilen',
    stopSharing: 'Bildschirm nicht mehr teilen',
    settings: 'Einstellungen',
    security: 'Sicherheit',
    invite: 'Einladen',
    polls: 'Umfragen',
    speakers: 'Redezeit',
    endForAll: 'Besprechung für alle beenden',
    logOut: 'Abmelden und verlassen',
    waiting: (count) => (count === 1 ? '1 Person wartet' : `${count} Personen warten`),
    speakerView: 'Groß zeigen, wer spricht',
    tileView: 'Alle gleich groß zeigen',
    view: 'Ansicht wechseln',
    fullScreen: 'Ganzer Bildschirm',
    smallWindow: 'Bild im Bild',
    connection: 'Verbindung',
    keys: 'Tasten',
    withKey: (text, key) => `${text} (${key})`,
    unread: (count) => (count === 1 ? '1 ungelesene Nachricht' : `${count} ungelesene Nachrichten`),
  },

  call: {
    label: 'Besprechung',
    participants: 'Teilnehmende',
    screens: 'Geteilte Bildschirme',
    large: 'Groß gezeigt',
    pin: (name) => `${name} groß zeigen`,
    pinHint: 'Groß zeigen',
    unpinHint: 'Nicht mehr groß zeigen',
    you: 'Sie',
    youNamed: (name) => `${name} (Sie)`,
    guest: 'Gast',
    yourScreen: 'Ihr Bildschirm',
    screenOf: (name) => `Bildschirm von ${name}`,
    muted: 'Mikrofon aus',
    handRaised: 'Hand gehoben',
    moderator: 'Moderation',
    speaking: 'Spricht',
    poorConnection: 'Schlechte Verbindung',
    whyPoor: (name) => `Verbindung von ${name}: was nicht stimmt`,
    ownConnectionBad:
      'Ihr Netz ist im Augenblick zu langsam. Die Kamera auszuschalten kann helfen.',
    pictureSuspended: 'Bild angehalten: Das Netz ist zu langsam',
    announceReaction: (name, reaction) => `${name}: ${reaction}`,
    reactions: {
      like: 'Daumen hoch',
      clap: 'Applaus',
      laugh: 'Lachen',
      surprised: 'Staunen',
      love: 'Herz',
      boo: 'Daumen runter',
    },
    alone: 'Außer Ihnen ist noch niemand hier',
    aloneHint: 'Senden Sie diesen Link an die, die Sie treffen möchten:',
    copyLink: 'Link kopieren',
    linkCopied: 'Kopiert',
    linkNotCopied: 'Der Browser verbietet es',
    reconnecting:
      'Die Verbindung ist abgerissen und wird wieder aufgebaut … Vielleicht hört man Sie noch.',
    moving: 'Auf dem Weg in den anderen Raum …',
    recovering: 'Die Besprechung wurde unterbrochen. Neuer Versuch …',
    mediaConnecting: 'Ton und Bild werden verbunden …',
    mediaInterrupted: 'Ton und Bild sind unterbrochen und werden wieder hergestellt …',
    noBridge: 'Der Server hat gerade keinen Platz für Ton und Bild. Bitte warten …',
    audioBlocked: 'Ihr Browser hat den Ton gesperrt.',
    playAudio: 'Ton einschalten',
    startedMuted: (kinds) => {
      const what =
        kinds.length === 2
          ? 'Ihr Mikrofon und Ihre Kamera sind aus'
          : `${kinds[0] === 'audio' ? 'Ihr Mikrofon' : 'Ihre Kamera'} ist aus`;
      return `${what}: In dieser Besprechung beginnen alle so.`;
    },
    mutedByModerator: {
      audio: 'Die Moderation hat Ihr Mikrofon ausgeschaltet.',
      video: 'Die Moderation hat Ihre Kamera ausgeschaltet.',
      desktop: 'Die Moderation hat das Teilen Ihres Bildschirms beendet.',
    },
    approved: {
      audio: 'Sie dürfen Ihr Mikrofon jetzt einschalten.',
      video: 'Sie dürfen Ihre Kamera jetzt einschalten.',
      desktop: 'Sie dürfen Ihren Bildschirm jetzt teilen.',
    },
    mutedTalk: 'Sie sprechen, aber Ihr Mikrofon ist aus.',
    unmute: 'Einschalten',
    askedToUnmute: 'Die Moderation bittet Sie, Ihr Mikrofon einzuschalten.',
    notAllowed: {
      audio: 'Das Mikrofon muss die Moderation erst erlauben. Heben Sie die Hand, um zu fragen.',
      video: 'Die Kamera muss die Moderation erst erlauben. Heben Sie die Hand, um zu fragen.',
      desktop:
        'Den Bildschirm zu teilen muss die Moderation erst erlauben. Heben Sie die Hand, um zu fragen.',
    },
    knocks: (name) => `${name} möchte herein.`,
    screenForbidden: 'Ihre Anmeldung oder Einladung erlaubt es nicht, einen Bildschirm zu teilen.',
    noSmallWindow: 'Das kleine Fenster mit der Besprechung ließ sich nicht öffnen.',
    shareFailed: 'Ihr Bildschirm konnte nicht geteilt werden.',
    commandFailed: 'Der Server hat das nicht getan. Moderieren Sie noch?',
    sharing: {
      withSound: 'Sie teilen Ihren Bildschirm und seinen Ton.',
      withoutSound: 'Sie teilen Ihren Bildschirm, ohne Ton.',
      soundImpossible:
        'Sie teilen Ihren Bildschirm, ohne Ton: Dieser Browser kann ihn nicht teilen. Chrome und Edge können es.',
    },
    confirmEnd: {
      title: 'Besprechung für alle beenden?',
      text: 'Alle müssen die Besprechung verlassen.',
      confirm: 'Besprechung beenden',
      cancel: 'Abbrechen',
    },
    youAreModerator: 'Sie moderieren jetzt.',
    dismiss: 'Verstanden',
    tryAgain: 'Noch einmal versuchen',
    privately: '(private Nachricht)',
    wrote: (name, text) => `${name}: ${text}`,
    happened: {
      joined: (name, others) =>
        `${andOthers(name, others)} ${others === 0 ? 'ist' : 'sind'} gekommen`,
      left: (name, others) =>
        `${andOthers(name, others)} ${others === 0 ? 'ist' : 'sind'} gegangen`,
      hand: (name, others) => `${andOthers(name, others)} ${has(others)} die Hand gehoben`,
    },
  },

  invite: {
    title: 'Einladen',
    share: 'Link senden …',
    code: 'QR-Code des Links',
    codeHint: 'Mit der Kamera eines Telefons gelesen, öffnet er dort die Besprechung.',
  },

  keys: {
    title: 'Tasten',
    off: 'Sie sind in den Einstellungen ausgeschaltet.',
    hint: 'Während Sie schreiben, bewirken sie nichts.',
    names: { ' ': 'Leertaste' },
    talk: 'Gedrückt halten, um bei ausgeschaltetem Mikrofon zu sprechen',
    actions: {
      microphone: 'Mikrofon ein oder aus',
      camera: 'Kamera ein oder aus',
      screen: 'Bildschirm teilen, oder nicht mehr',
      chat: 'Chat',
      people: 'Personen',
      hand: 'Hand heben oder senken',
      view: 'Groß, wer spricht, oder alle gleich',
      fullScreen: 'Ganzer Bildschirm',
      smallWindow: 'Bild im Bild: ein kleines Fenster über allem anderen',
      keys: 'Diese Liste',
    },
  },
};
