/** Cameras, microphones and loudspeakers: choosing them, and what can be wrong with them. */
import type { DeviceErrorReason } from '@conclave/sdk';

export const devices = {
  settings: {
    title: 'Settings',
    name: 'Your name',
    camera: 'Camera',
    microphone: 'Microphone',
    speaker: 'Speaker',
    defaultDevice: 'Standard',
    noDevice: 'None found',
    noise: 'Suppress background noise',
    noiseHint: 'Off for music: then everything is heard as it is.',
    shortcuts: 'Use single keys',
    shortcutsHint: 'The list opens with the key ?',
    quality: 'Pictures of the others',
    qualities: {
      high: 'Best quality',
      standard: 'Standard',
      low: 'Low: saves data and battery',
      none: 'None: voices only',
    },
    language: 'Language (Sprache)',
    done: 'Done',
  },

  connection: {
    title: 'Connection',
    measuring: 'Measuring…',
    quality: 'Your connection',
    /** @param quality 0..100 */
    qualityOf: (quality: number | undefined) => {
      if (quality === undefined) return 'not known yet';
      if (quality >= 80) return 'good';
      return quality >= 60 ? 'fair' : 'poor';
    },
    roundTrip: 'To the server and back',
    milliseconds: (ms: number | undefined) => (ms === undefined ? '–' : `${Math.round(ms)} ms`),
    lost: 'Lost on the way to the server',
    percent: (percent: number) => `${percent} %`,
    sent: 'Sent',
    received: 'Received',
    bitrate: (bps: number) =>
      bps < 1_000_000
        ? `${Math.round(bps / 1_000)} kbit/s`
        : `${(bps / 1_000_000).toFixed(1)} Mbit/s`,
    ownPicture: 'Your picture',
    noPicture: 'no picture',
    picture: (heightPx: number, perSecond: number) => `${heightPx}p, ${perSecond} fps`,
    others: 'The others, and what comes of them',
    advice:
      'Where a network is slow, pictures become small or pause, so that voices go on. It helps to be nearer to the router, to use a cable, or to turn the camera off.',
  },

  devices: {
    level: 'Loudness of your microphone',
    testSound: 'Play a test sound',
    noSound: 'The sound could not be played. Choose another loudspeaker.',
    both: {
      denied:
        'The browser does not let this page use your camera and microphone. Allow them in the address bar, then try again.',
      missing: 'No camera and no microphone were found. Are they plugged in?',
      lost: 'Your camera and microphone are gone. Plug them in again, or choose others.',
      busy: 'Your camera and microphone are in use by another program.',
      insecure: 'Cameras and microphones only work on pages that come over HTTPS.',
      unknown: 'Your camera and microphone could not be started.',
    } satisfies Record<DeviceErrorReason, string>,
    audio: {
      denied:
        'The browser does not let this page use your microphone. Allow it in the address bar, then try again.',
      missing: 'No microphone was found. Is it plugged in?',
      lost: 'Your microphone is gone. Plug it in again, or choose another one.',
      busy: 'Your microphone is in use by another program.',
      insecure: 'Microphones only work on pages that come over HTTPS.',
      unknown: 'Your microphone could not be started.',
    } satisfies Record<DeviceErrorReason, string>,
    video: {
      denied:
        'The browser does not let this page use your camera. Allow it in the address bar, then try again.',
      missing: 'No camera was found. Is it plugged in?',
      lost: 'Your camera is gone. Plug it in again, or choose another one.',
      busy: 'Your camera is in use by another program.',
      insecure: 'Cameras only work on pages that come over HTTPS.',
      unknown: 'Your camera could not be started.',
    } satisfies Record<DeviceErrorReason, string>,
  },
} as const;
