/** Before the call: start page, preview, lobby, password, log-in, and why somebody was not let in. */

export const entrance = {
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
    devices: 'Camera, microphone and speaker',
    unreachable: 'The server cannot be reached. Trying again…',
  },

  password: {
    title: 'This room has a password',
    wrong: 'That password is not right. Please try again.',
    label: 'Room password',
    submit: 'Join meeting',
    cancel: 'Cancel',
  },

  lobby: {
    nameTitle: 'What is your name?',
    ask: 'Ask to join',
    waitingTitle: 'Asking to join',
    waiting: 'The door is closed. A moderator has been told that you are here.',
    note: 'Message to the moderators',
    send: 'Send',
    havePassword: 'I have a password',
    cancel: 'Cancel',
  },

  waiting: {
    title: 'Waiting for the host',
    text: 'The meeting has not begun. You will enter as soon as the host is here.',
    logIn: 'I am the host',
    cancel: 'Cancel',
  },

  logIn: {
    title: 'Log in',
    user: 'User name',
    password: 'Password',
    submit: 'Log in',
    pending: 'Logging in…',
    or: 'or',
    organisation: 'your organisation',
    with: (name: string) => `Log in with ${name}`,
    cancel: 'Cancel',
  },

  /** Why the server did not let somebody in, and what to do. */
  refusal: {
    tokenRequired: 'This server wants an invitation. Open the link that you were sent, or log in.',
    tokenExpired: 'Your invitation has expired. Ask for a new link.',
    tokenTooEarly: 'Your invitation is not valid yet. Try again at the time of the meeting.',
    tokenInvalid: 'Your invitation is not valid on this server. Ask for a new link.',
    otherRoom: 'Your invitation is for another room. Open the link that you were sent.',
    wrongPassword: 'User name or password is not right.',
    lockedOut: 'Too many attempts. Wait a few minutes, then try again.',
    directoryDown: 'Log-in does not work at the moment. Try again, or tell your administrator.',
    accountDisabled: 'This account has been disabled. Ask your administrator.',
  },
} as const;
