/** What the server's closing of the connection means for the visit. */
import type { CloseReason } from '@conclave/sdk';
import type { WebConfig } from '../config/read-config.ts';

export type ClosedMeaning =
  /** We closed it. */
  | 'nothing'
  /** Who we are must be known first, and can be told on this page or another. */
  | 'logIn'
  /** Name or password were not right. */
  | 'wrongPassword'
  | 'refused'
  | 'lost';

/** @param hasCredentials whether we came with a name and a password */
export function meaningOfClosing(
  reason: CloseReason,
  {
    hasToken,
    passwordLogIn,
    logInTemplates,
  }: Pick<WebConfig, 'hasToken' | 'passwordLogIn' | 'logInTemplates'>,
  hasCredentials: boolean,
): ClosedMeaning {
  switch (reason) {
    case 'done':
      return 'nothing';
    case 'sessionLost':
      return 'lost';
    case 'guestsRefused':
      return passwordLogIn ? 'logIn' : 'refused';
    case 'authentication':
      if (hasCredentials) return 'wrongPassword';
      return !hasToken && logInTemplates.length > 0 ? 'logIn' : 'refused';
    default: {
      const never: never = reason;
      throw never;
    }
  }
}
