/** Everything that the server's own pages say; a language is one object of this shape. Plain texts, not HTML. */
import type { PasswordFault } from '@conclave/access';

export interface PageTexts {
  /** Tag of the language (BCP 47), for `<html lang>`. */
  readonly tag: string;
  readonly logIn: {
    readonly title: string;
    readonly user: string;
    readonly password: string;
    readonly submit: string;
    readonly with: (label: string) => string;
    readonly locked: (minutes: number) => string;
  };
  readonly loggedIn: {
    readonly title: string;
    readonly as: (person: string) => string;
    readonly continue: string;
    readonly logOut: string;
    readonly closeWindow: string;
  };
  readonly loggedOut: {
    readonly title: string;
    readonly still: (label: string) => string;
    readonly there: string;
    readonly again: string;
  };
  readonly notLoggedIn: { readonly title: string; readonly retry: string };
  /** Why a log-in came to nothing. */
  readonly problem: {
    readonly wrongPassword: string;
    readonly passwordsDown: string;
    readonly tooManyLogIns: string;
    readonly staleLogIn: string;
    readonly providerDown: string;
    readonly providerMisconfigured: string;
    readonly providerRefused: string;
    readonly server: string;
  };
  readonly invitation: {
    readonly title: string;
    readonly user: string;
    readonly password: string;
    readonly hint: string;
    readonly again: string;
    readonly submit: string;
    readonly done: string;
    readonly youAre: (name: string) => string;
    readonly home: string;
    readonly failed: string;
    readonly used: string;
    readonly wrongMethod: string;
    readonly tooMany: string;
    readonly tooLong: string;
    readonly broken: string;
    readonly busy: string;
    readonly differ: string;
    readonly fault: Readonly<Record<PasswordFault['type'], string>>;
  };
}
