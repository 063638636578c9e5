/** Every text of the web client, in English. Functions take what varies; nothing is put together elsewhere. */
import type { DeviceErrorReason } from '@conclave/sdk';

export const strings = {
  appName: 'Conclave',
  pageTitle: (room: string) => `${room} | Conclave`,

  welcome: {
    title: 'Meet face to face',
    subtitle: 'Name a room, send the link, and talk. No account, nothing to install.',
    roomLabel: 'Room name',
    start: 'Start meeting',
    suggestion: (name: string) => `Leave it empty to use “${name}”.`,
    invalid: 'A room name cannot contain any of  ? & : \' " % # . /',
    recentTitle: 'Recent rooms',
    forget: (room: string) => `Forget ${room}`,
  },

  prejoin: {
    title: 'Ready to join?',
    room: 'Room',
    nameLabel: 'Your name',
    namePlaceholder: 'Shown to the others',
    join: 'Join meeting',
    joining: 'Joining…',
    previewLabel: 'Camera preview',
    cameraOff: 'Your camera is off',
    cameraStarting: 'Starting your camera…',
    camera: 'Camera',
    microphone: 'Microphone',
    unreachable: 'The server cannot be reached. Trying again…',
  },

  password: {
    title: 'This room has a password',
    wrong: 'That password is not right. Please try again.',
    label: 'Room password',
    submit: 'Join meeting',
    cancel: 'Cancel',
  },

  devices: {
    audio: {
      denied:
        'The browser does not let this page use your microphone. Allow it in the address bar, then try again.',
      missing: 'No microphone was found. Is it plugged in?',
      busy: 'Your microphone is in use by another program.',
      insecure: 'Microphones only work on pages that come over HTTPS.',
      unknown: 'Your microphone could not be started.',
    } satisfies Record<DeviceErrorReason, string>,
    video: {
      denied:
        'The browser does not let this page use your camera. Allow it in the address bar, then try again.',
      missing: 'No camera was found. Is it plugged in?',
      busy: 'Your camera is in use by another program.',
      insecure: 'Cameras only work on pages that come over HTTPS.',
      unknown: 'Your camera could not be started.',
    } satisfies Record<DeviceErrorReason, string>,
  },

  toolbar: {
    label: 'Call controls',
    microphone: 'Microphone',
    camera: 'Camera',
    chat: 'Chat',
    hand: 'Raise hand',
    leave: 'Leave',
    mute: 'Mute microphone',
    unmute: 'Unmute microphone',
    cameraOff: 'Turn camera off',
    cameraOn: 'Turn camera on',
    openChat: 'Open chat',
    closeChat: 'Close chat',
    raiseHand: 'Raise your hand',
    lowerHand: 'Lower your hand',
    leaveCall: 'Leave the meeting',
    withKey: (text: string, key: string) => `${text} (${key})`,
    unread: (count: number) => (count === 1 ? '1 unread message' : `${count} unread messages`),
  },

  call: {
    label: 'Meeting',
    participants: 'Participants',
    screens: 'Shared screens',
    you: 'You',
    youNamed: (name: string) => `${name} (you)`,
    guest: 'Guest',
    screenOf: (name: string) => `${name}’s screen`,
    muted: 'Microphone off',
    handRaised: 'Hand raised',
    moderator: 'Moderator',
    speaking: 'Speaking',
    alone: 'You are the only one here',
    aloneHint: 'Send this link to the people you want to meet:',
    copyLink: 'Copy link',
    linkCopied: 'Copied',
    reconnecting: 'The connection was lost. Reconnecting… You may still be heard.',
    recovering: 'The meeting was interrupted. Joining again…',
    mediaConnecting: 'Connecting audio and video…',
    mediaInterrupted: 'Audio and video are interrupted. Repairing…',
    noBridge: 'The server has no room for audio and video at the moment. Waiting…',
    audioBlocked: 'Your browser has blocked the sound.',
    playAudio: 'Turn sound on',
    mutedByModerator: {
      audio: 'A moderator muted your microphone.',
      video: 'A moderator turned your camera off.',
    },
    dismiss: 'Dismiss',
    hidden: (count: number) => `and ${count} more`,
    announceJoined: (name: string) => `${name} joined`,
    announceLeft: (name: string) => `${name} left`,
  },

  chat: {
    title: 'Chat',
    close: 'Close chat',
    log: 'Messages',
    empty: 'No messages yet. Everybody in the meeting sees what you write here.',
    inputLabel: 'Message to everybody',
    privateInputLabel: (name: string) => `Private message to ${name}`,
    placeholder: 'Write a message',
    send: 'Send',
    recipient: 'To',
    everybody: 'Everybody',
    joined: (name: string) => `${name} joined`,
    left: (name: string) => `${name} left`,
    privateFrom: (name: string) => `${name}, to you only`,
    privateTo: (name: string) => `You, to ${name} only`,
    notSent: 'The message was not delivered.',
  },

  left: {
    title: 'You left the meeting',
    rejoin: 'Join again',
    home: 'Back to the start page',
  },

  failure: {
    tryAgain: 'Try again',
    kicked: {
      title: 'You were removed from the meeting',
      by: (name: string) => `${name} removed you.`,
      text: 'A moderator removed you.',
    },
    roomFull: {
      title: 'The room is full',
      text: 'There is no place left. Try again when somebody has gone.',
    },
    membersOnly: {
      title: 'You cannot join yet',
      text: 'This room has a lobby, and a moderator must let you in.',
    },
    notAllowed: { title: 'You may not join this room', text: 'The server refused.' },
    destroyed: { title: 'The meeting has ended', text: 'It was closed for everybody.' },
    conferenceGone: {
      title: 'The meeting was interrupted',
      text: 'The server ended it. You can join again.',
    },
    mediaFailed: {
      title: 'Audio and video cannot be connected',
      text: 'Your network may block them. Try another network, or ask its administrator to allow UDP to this server.',
    },
    connectionLost: {
      title: 'The connection was lost',
      text: 'The server could not be reached again.',
    },
    requestFailed: {
      title: 'The meeting could not be started',
      text: 'The server did not accept the request. Try again in a moment.',
    },
    nickConflict: {
      title: 'Somebody has your place',
      text: 'This can happen right after a reload. Try again.',
    },
    authentication: { title: 'The server did not let you in', text: 'It does not accept guests.' },
    noConfig: {
      title: 'This page is not set up',
      text: 'The server’s settings (config.js) could not be loaded or are incomplete. If this is your server, check that it is running and that its address is right.',
    },
    unsupported: {
      title: 'This browser cannot hold video calls',
      text: 'Please use a current version of Chrome, Edge, Firefox or Safari.',
    },
    details: (text: string) => `The server said: ${text}`,
  },
} as const;
