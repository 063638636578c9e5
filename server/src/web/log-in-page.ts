/** The pages of the log-in: plain HTML without scripts, so that they work in every browser and pop-up. */

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

export function writeLogInPage(page: LogInPage): string {
  const { methods, returnPath, isPopup, problem, user = '' } = page;
  const hidden = `<input type="hidden" name="return" value="${escapeHtml(returnPath)}">${
    isPopup ? '<input type="hidden" name="popup" value="1">' : ''
  }`;
  const passwords = methods.some(({ type }) => type === 'password')
    ? `<form method="post" action="/login/password">${hidden}
<label>User name <input name="user" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="256" value="${escapeHtml(user)}"></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required maxlength="1024"></label>
<button type="submit">Log in</button>
</form>`
    : '';
  const links = methods
    .map((method) =>
      method.type === 'url'
        ? `<p><a class="button${passwords === '' ? '' : ' second'}" href="${escapeHtml(method.url)}">Log in with ${escapeHtml(method.label)}</a></p>`
        : '',
    )
    .join('');
  const alert =
    problem === undefined ? '' : `<p role="alert" class="error">${escapeHtml(problem)}</p>`;
  return writePage('Log in', `${alert}${passwords}${links}`);
}

export interface WelcomeBackPage {
  /** Name of the person, or what else is known. */
  readonly person: string;
  readonly returnPath: string;
  readonly isPopup: boolean;
}

/** For somebody whose browser is logged in already. */
export function writeWelcomeBackPage({ person, returnPath, isPopup }: WelcomeBackPage): string {
  const query = `return=${encodeURIComponent(returnPath)}${isPopup ? '&popup=1' : ''}`;
  return writePage(
    'You are logged in',
    `<p>As ${escapeHtml(person)}.</p>
<p><a class="button" href="/login/continue?${query}">Continue</a></p>
<form method="post" action="/login/leave"><button class="second" type="submit">Log out</button></form>`,
  );
}

/** `providerUrl`: where to log out as well; undefined when there is no such place. */
export function writeLoggedOutPage(providerUrl: string | undefined, label: string): string {
  const there =
    providerUrl === undefined
      ? ''
      : `<p>You may still be logged in at ${escapeHtml(label)}.</p><p><a class="button second" href="${escapeHtml(providerUrl)}">Log out there too</a></p>`;
  return writePage(
    'You are logged out',
    `${there}<p><a class="button" href="/login">Log in again</a></p>`,
  );
}

export interface ProblemPage {
  readonly problem: string;
  /** Where to try again; undefined when that makes no sense. */
  readonly retryUrl?: string;
}

export function writeProblemPage({ problem, retryUrl }: ProblemPage): string {
  const retry =
    retryUrl === undefined
      ? ''
      : `<p><a class="button" href="${escapeHtml(retryUrl)}">Try again</a></p>`;
  return writePage(
    'You are not logged in',
    `<p role="alert" class="error">${escapeHtml(problem)}</p>${retry}`,
  );
}

/** What a pop-up shows while its script hands over the token. */
export function writeDonePage(): string {
  return writePage(
    'You are logged in',
    '<p>You can close this window.</p><script src="/login/done.js"></script>',
  );
}

/** A page in the style of these; `title` and `body` are HTML. */
export function writePage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Conclave</title>
<link rel="stylesheet" href="/login/style.css">
</head>
<body><main>
<p class="brand">Conclave</p>
<h1>${title}</h1>
${body}
</main></body>
</html>
`;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** Colours and measures of the web client (`clients/web/src/styles`). */
export const LOG_IN_STYLE = `:root{color-scheme:dark light;--ground:#12151b;--surface:#1c212a;--raised:#272e3a;--line:#3b4454;--text:#f0f3f8;--accent:#3d6fe0;--accent-hover:#2f5fd0;--error:#ff9c94;--focus:#9dbcff}
@media (prefers-color-scheme:light){:root{--ground:#eef1f6;--surface:#fff;--raised:#e3e8f0;--line:#b4bfce;--text:#171c25;--accent:#2f5fd0;--accent-hover:#244eb3;--error:#a61b1b;--focus:#1f4fc0}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:flex;padding:1.5rem 1rem;background:var(--ground);color:var(--text);font:1rem/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{width:100%;max-width:26rem;margin:auto;padding:1.5rem;background:var(--surface);border-radius:20px;overflow-wrap:anywhere}
.brand{margin:0;font-weight:700}
h1{margin:.5rem 0 1rem;font-size:1.625rem;line-height:1.2}
form{display:flex;flex-direction:column;gap:.75rem;margin-bottom:1rem}
label{display:flex;flex-direction:column;gap:.25rem;font-weight:600}
input{width:100%;padding:.75rem;font:inherit;font-weight:400;color:inherit;background:var(--ground);border:1px solid var(--line);border-radius:8px}
button,.button{display:flex;align-items:center;justify-content:center;width:100%;min-height:2.75rem;padding:.5rem 1.5rem;border:0;border-radius:8px;font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer;background:var(--accent);color:#fff}
button:hover,.button:hover{background:var(--accent-hover)}
.second{background:var(--raised);color:var(--text)}
.second:hover{background:var(--line)}
.hint{margin:0}
.error{color:var(--error)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
`;

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
