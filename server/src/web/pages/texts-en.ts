/** The server's pages in English. */
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '@conclave/access';
import type { PageTexts } from './page-texts.ts';

export const EN: PageTexts = {
  tag: 'en',
  logIn: {
    title: 'Log in',
    user: 'User name',
    password: 'Password',
    submit: 'Log in',
    with: (label) => `Log in with ${label}`,
    locked: (minutes) =>
      `Too many failed log-ins. Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`,
  },
  loggedIn: {
    title: 'You are logged in',
    as: (person) => `As ${person}.`,
    continue: 'Continue',
    logOut: 'Log out',
    closeWindow: 'You can close this window.',
  },
  loggedOut: {
    title: 'You are logged out',
    still: (label) => `You may still be logged in at ${label}.`,
    there: 'Log out there too',
    again: 'Log in again',
  },
  notLoggedIn: { title: 'You are not logged in', retry: 'Try again' },
  problem: {
    wrongPassword: 'User name or password is wrong.',
    passwordsDown: 'Passwords cannot be checked just now. Try again soon.',
    tooManyLogIns: 'Too many people are logging in just now. Try again soon.',
    staleLogIn: 'This log-in was begun in another browser, is over, or took too long.',
    providerDown: 'The organisation that you log in with does not answer. Try again soon.',
    providerMisconfigured:
      'This server and the organisation that you log in with are not set up for each other. Tell the person who runs this server; the reason is in its log.',
    providerRefused: 'The log-in was cancelled, came too late, or is not allowed for you.',
    server: 'Something went wrong on the server.',
  },
  invitation: {
    title: 'Set your password',
    user: 'User name',
    password: 'New password',
    hint: `At least ${MIN_PASSWORD_LENGTH} characters. A few words that only you would put together are good.`,
    again: 'The same again',
    submit: 'Set the password',
    done: 'Your password is set',
    youAre: (name) => `You can log in as ${name} now.`,
    home: 'Go to the start page',
    failed: 'That did not work',
    used: 'This invitation was used already, has run out, or was replaced by a newer one. Ask the person who sent it for another.',
    wrongMethod: 'This address is not for that.',
    tooMany: 'Too many people are doing this just now. Try again soon.',
    tooLong: 'The form is too long.',
    broken: 'Something went wrong on the server.',
    busy: 'The server is busy. Try again in a moment.',
    differ: 'The two passwords differ.',
    fault: {
      tooShort: `A password has at least ${MIN_PASSWORD_LENGTH} characters.`,
      tooLong: `A password has at most ${MAX_PASSWORD_LENGTH} characters.`,
      controlCharacter: 'A password has no control characters.',
      isName: 'The password is the name of the account.',
    },
  },
};
