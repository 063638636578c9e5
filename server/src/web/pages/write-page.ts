/** The frame and the style of the server's own pages: plain HTML without scripts, so that they work in every browser. */
import type { PageTexts } from './page-texts.ts';

/** `title` is plain text, `body` is HTML. */
export function writePage({ tag }: PageTexts, title: string, body: string): string {
  const heading = escapeHtml(title);
  return `<!doctype html>
<html lang="${tag}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${heading} · Conclave</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/login/style.css">
</head>
<body>
<header><img src="/favicon.svg" alt="" width="28" height="28">Conclave</header>
<main>
<h1>${heading}</h1>
${body}
</main></body>
</html>
`;
}

/** What went wrong; screen readers say it at once. */
export function alertOf(problem: string): string {
  return `<p role="alert" class="error">${escapeHtml(problem)}</p>`;
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
export const PAGE_STYLE = `:root{color-scheme:dark light;--ground:#12151b;--surface:#1c212a;--raised:#272e3a;--line:#3b4454;--text:#f0f3f8;--soft:#b3bdcc;--accent:#3d6fe0;--accent-hover:#2f5fd0;--error:#ff9c94;--focus:#9dbcff;--shadow:0 8px 28px rgb(0 0 0/40%)}
@media (prefers-color-scheme:light){:root{--ground:#eef1f6;--surface:#fff;--raised:#e3e8f0;--line:#b4bfce;--text:#171c25;--soft:#4a5567;--accent:#2f5fd0;--accent-hover:#244eb3;--error:#a61b1b;--focus:#1f4fc0;--shadow:0 8px 28px rgb(30 40 60/18%)}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:flex;flex-direction:column;padding:1.5rem 1rem;background:var(--ground);color:var(--text);font:1rem/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{width:100%;max-width:26rem;margin:auto;padding:1.5rem;background:var(--surface);border-radius:20px;box-shadow:var(--shadow);overflow-wrap:anywhere}
main>:last-child{margin-bottom:0}
header{margin-bottom:.75rem;display:flex;align-items:center;gap:.5rem;font-size:1.125rem;font-weight:700}
h1{margin:0 0 1rem;font-size:1.625rem;line-height:1.2;letter-spacing:-.01em}
form{display:flex;flex-direction:column;gap:.75rem;margin-bottom:1rem}
label{display:flex;flex-direction:column;gap:.25rem;font-weight:600}
input{width:100%;padding:.75rem;font:inherit;font-weight:400;color:inherit;background:var(--ground);border:1px solid var(--line);border-radius:8px}
button,.button{display:flex;align-items:center;justify-content:center;width:100%;min-height:2.75rem;padding:.5rem 1.5rem;border:0;border-radius:8px;font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer;background:var(--accent);color:#fff}
button:hover,.button:hover{background:var(--accent-hover)}
.second{background:var(--raised);color:var(--text)}
.second:hover{background:var(--line)}
.hint{margin:0;color:var(--soft)}
.error{color:var(--error)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
`;
