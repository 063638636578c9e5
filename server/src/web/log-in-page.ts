/** The pages of the log-in, in the language of whoever reads them. */
import type { PageTexts } from './pages/page-texts.ts';
import { alertOf, escapeHtml, writePage } from './pages/write-page.ts';

export type LogInMethod =
  | { readonly type: 'password' }
  /** `url` may hold {room} and {state}. */
  | { readonly type: 'url'; readonly label: string; readonly url: string };

export interface LogInPage {
  readonly methods: readonly LogInMethod[];
  readonly returnPath: string;
  readonly isPopup: boolean;
  /** Why the last try came to nothing. */
  readonly problem?: string;
  /** What was typed as name then. */
  readonly user?: string;
}

export function writeLogInPage(texts: PageTexts, page: LogInPage): string {
  const { methods, returnPath, isPopup, problem, user = '' } = page;
  const hidden = `<input type="hidden" name="return" value="${escapeHtml(returnPath)}">${
    isPopup ? '<input type="hidden" name="popup" value="1">' : ''
  }`;
  const passwords = methods.some(({ type }) => type === 'password')
    ? `<form method="post" action="/login/password">${hidden}
<label>${escapeHtml(texts.logIn.user)} <input name="user" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="256" value="${escapeHtml(user)}"></label>
<label>${escapeHtml(texts.logIn.password)} <input name="password" type="password" autocomplete="current-password" required maxlength="1024"></label>
<button type="submit">${escapeHtml(texts.logIn.submit)}</button>
</form>`
    : '';
  const links = methods
    .map((method) =>
      method.type === 'url'
        ? `<p><a class="button${passwords === '' ? '' : ' second'}" href="${escapeHtml(method.url)}">${escapeHtml(texts.logIn.with(method.label))}</a></p>`
        : '',
    )
    .join('');
  const alert = problem === undefined ? '' : alertOf(problem);
  return writePage(texts, texts.logIn.title, `${alert}${passwords}${links}`);
}

export interface WelcomeBackPage {
  /** Name of the person, or what else is known. */
  readonly person: string;
  readonly returnPath: string;
  readonly isPopup: boolean;
}

/** For somebody whose browser is logged in already. */
export function writeWelcomeBackPage(
  texts: PageTexts,
  { person, returnPath, isPopup }: WelcomeBackPage,
): string {
  const query = `return=${encodeURIComponent(returnPath)}${isPopup ? '&popup=1' : ''}`;
  return writePage(
    texts,
    texts.loggedIn.title,
    `<p>${escapeHtml(texts.loggedIn.as(person))}</p>
<p><a class="button" href="/login/continue?${query}">${escapeHtml(texts.loggedIn.continue)}</a></p>
<form method="post" action="/login/leave"><button class="second" type="submit">${escapeHtml(texts.loggedIn.logOut)}</button></form>`,
  );
}

/** `providerUrl`: where to log out as well; undefined when there is no such place. */
export function writeLoggedOutPage(
  texts: PageTexts,
  providerUrl: string | undefined,
  label: string,
): string {
  const there =
    providerUrl === undefined
      ? ''
      : `<p>${escapeHtml(texts.loggedOut.still(label))}</p><p><a class="button second" href="${escapeHtml(providerUrl)}">${escapeHtml(texts.loggedOut.there)}</a></p>`;
  return writePage(
    texts,
    texts.loggedOut.title,
    `${there}<p><a class="button" href="/login">${escapeHtml(texts.loggedOut.again)}</a></p>`,
  );
}

export interface ProblemPage {
  readonly problem: string;
  /** Where to try again; undefined when that makes no sense. */
  readonly retryUrl?: string;
}

export function writeProblemPage(texts: PageTexts, { problem, retryUrl }: ProblemPage): string {
  const retry =
    retryUrl === undefined
      ? ''
      : `<p><a class="button" href="${escapeHtml(retryUrl)}">${escapeHtml(texts.notLoggedIn.retry)}</a></p>`;
  return writePage(texts, texts.notLoggedIn.title, `${alertOf(problem)}${retry}`);
}

/** What a pop-up shows while its script hands over the token. */
export function writeDonePage(texts: PageTexts): string {
  return writePage(
    texts,
    texts.loggedIn.title,
    `<p>${escapeHtml(texts.loggedIn.closeWindow)}</p><script src="/login/done.js"></script>`,
  );
}

/**
 * Runs in the pop-up: the token stands behind the # of its address, where no server sees it. Only
 * pages of this very origin get it.
 */
export const LOG_IN_DONE_SCRIPT = `(() => {
  const token = new URLSearchParams(location.hash.slice(1)).get('jwt');
  history.replaceState(null, '', '/login/done');
  if (!token) return;
  const channel = new BroadcastChannel('conclave-login');
  channel.postMessage({ token });
  if (window.opener) {
    window.opener.postMessage({ type: 'oauth-success', accessToken: token }, location.origin);
  }
  setTimeout(() => { channel.close(); window.close(); }, 100);
})();
`;
