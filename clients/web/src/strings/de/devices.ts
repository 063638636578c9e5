/** In German: choosing devices, and what can be wrong with them. */
import type { Texts } from '../texts.ts';

export const devices: Pick<Texts, 'settings' | 'connection' | 'devices'> = {
  settings: {
    title: 'Einstellungen',
    name: 'Ihr Name',
    camera: 'Kamera',
    microphone: 'Mikrofon',
    speaker: 'Lautsprecher',
    defaultDevice: 'Standard',
    noDevice: 'Nicht gefunden',
    noise: 'Hintergrundgeräusche unterdrücken',
    noiseHint: 'Aus für Musik: Dann ist alles zu hören, wie es ist.',
    shortcuts: 'Einzelne Tasten benutzen',
    shortcutsHint: 'Die Liste öffnet sich mit der Taste ?',
    quality: 'Bilder der anderen',
    qualities: {
      high: 'Beste Qualität',
      standard: 'Mittel',
      low: 'Niedrig: spart Daten und Akku',
      none: 'Keine: nur Stimmen',
    },
    language: 'Sprache (Language)',
    done: 'Fertig',
  },

  connection: {
    title: 'Verbindung',
    measuring: 'Wird gemessen …',
    quality: 'Ihre Verbindung',
    qualityOf: (quality) => {
      if (quality === undefined) return 'noch nicht bekannt';
      if (quality >= 80) return 'gut';
      return quality >= 60 ? 'mäßig' : 'schlecht';
    },
    roundTrip: 'Zum Server und zurück',
    milliseconds: (ms) => (ms === undefined ? '–' : `${Math.round(ms)} ms`),
    lost: 'Verloren auf dem Weg zum Server',
    percent: (percent) => `${percent} %`,
    sent: 'Gesendet',
    received: 'Empfangen',
    bitrate: (bps) =>
      bps < 1_000_000
        ? `${Math.round(bps / 1_000)} kbit/s`
        : `${(bps / 1_000_000).toFixed(1).replace('.', ',')} Mbit/s`,
    ownPicture: 'Ihr Bild',
    noPicture: 'kein Bild',
    picture: (heightPx, perSecond) => `${heightPx}p, ${perSecond} Bilder/s`,
    others: 'Die anderen, und was von ihnen ankommt',
    advice:
      'Wo ein Netz langsam ist, werden Bilder klein oder halten an, damit die Stimmen weitergehen. Es hilft, näher am Router zu sein, ein Kabel zu benutzen oder die Kamera auszuschalten.',
  },

  devices: {
    level: 'Lautstärke Ihres Mikrofons',
    testSound: 'Ton zur Probe',
    noSound: 'Der Ton ließ sich nicht abspielen. Wählen Sie einen anderen Lautsprecher.',
    both: {
      denied:
        'Der Browser lässt diese Seite Ihre Kamera und Ihr Mikrofon nicht benutzen. Erlauben Sie es in der Adresszeile und versuchen Sie es noch einmal.',
      missing: 'Es wurden weder Kamera noch Mikrofon gefunden. Sind sie eingesteckt?',
      lost: 'Ihre Kamera und Ihr Mikrofon sind weg. Stecken Sie sie wieder ein, oder wählen Sie andere.',
      busy: 'Ein anderes Programm benutzt Ihre Kamera und Ihr Mikrofon.',
      insecure: 'Kameras und Mikrofone gibt es nur auf Seiten, die über HTTPS kommen.',
      unknown: 'Ihre Kamera und Ihr Mikrofon ließen sich nicht starten.',
    },
    audio: {
      denied:
        'Der Browser lässt diese Seite Ihr Mikrofon nicht benutzen. Erlauben Sie es in der Adresszeile und versuchen Sie es noch einmal.',
      missing: 'Es wurde kein Mikrofon gefunden. Ist es eingesteckt?',
      lost: 'Ihr Mikrofon ist weg. Stecken Sie es wieder ein, oder wählen Sie ein anderes.',
      busy: 'Ein anderes Programm benutzt Ihr Mikrofon.',
      insecure: 'Mikrofone gibt es nur auf Seiten, die über HTTPS kommen.',
      unknown: 'Ihr Mikrofon ließ sich nicht starten.',
    },
    video: {
      denied:
        'Der Browser lässt diese Seite Ihre Kamera nicht benutzen. Erlauben Sie es in der Adresszeile und versuchen Sie es noch einmal.',
      missing: 'Es wurde keine Kamera gefunden. Ist sie eingesteckt?',
      lost: 'Ihre Kamera ist weg. Stecken Sie sie wieder ein, oder wählen Sie eine andere.',
      busy: 'Ein anderes Programm benutzt Ihre Kamera.',
      insecure: 'Kameras gibt es nur auf Seiten, die über HTTPS kommen.',
      unknown: 'Ihre Kamera ließ sich nicht starten.',
    },
  },
};
