/** After the call, or instead of it. */

export const endings = {
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
    denied: {
      title: 'You were not let in',
      text: 'A moderator has denied your request. Ask them another way, then try again.',
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
    authentication: {
      title: 'The server did not let you in',
      text: 'It does not accept guests. Log in, or ask for an invitation.',
    },
    logIn: 'Log in',
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
