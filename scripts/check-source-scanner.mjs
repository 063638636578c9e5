/**
 * Reads TypeScript source just far enough for the import rules: blanks out comments and the insides
 * of strings, then finds import specifiers. Not a parser: it must never be fooled by text in
 * comments, strings, templates or regular expressions, and need not understand anything else.
 */

/** Characters after which a `/` starts a regular expression rather than a division. */
const BEFORE_REGEXP = new Set([...'(,=:[!&|?{};+-*%<>~^\n', '']);
const WORDS_BEFORE_REGEXP =
  /(?:^|[^\w$.])(?:return|typeof|case|in|of|delete|void|throw|new|else|do|yield|await)$/;

/**
 * Returns `{ code, text }` of the same length as `source`. In `code` comments, string contents,
 * template texts and regular expressions are blanks; in `text` only comments are.
 */
export function maskSource(source) {
  const code = [...source.split('')];
  const text = [...source.split('')];
  const blank = (target, from, to) => {
    for (let i = from; i < to; i++) if (target[i] !== '\n') target[i] = ' ';
  };
  /** Depth of braces at which each open template's `${` returns to template text. */
  const templates = [];
  let depth = 0;
  let i = 0;
  let lastSignificant = '';

  const skipTemplateText = () => {
    const from = i;
    while (i < source.length) {
      if (source[i] === '\\') i += 2;
      else if (source[i] === '`') {
        blank(code, from, i);
        i++;
        lastSignificant = '`';
        return;
      } else if (source[i] === '$' && source[i + 1] === '{') {
        blank(code, from, i);
        i += 2;
        templates.push(depth);
        depth++;
        lastSignificant = '{';
        return;
      } else i++;
    }
    blank(code, from, Math.min(i, source.length));
  };

  while (i < source.length) {
    const c = source[i];
    const next = source[i + 1];
    if (c === '/' && next === '/') {
      const end = source.indexOf('\n', i);
      const to = end === -1 ? source.length : end;
      blank(code, i, to);
      blank(text, i, to);
      i = to;
    } else if (c === '/' && next === '*') {
      const end = source.indexOf('*/', i + 2);
      const to = end === -1 ? source.length : end + 2;
      blank(code, i, to);
      blank(text, i, to);
      i = to;
    } else if (c === "'" || c === '"') {
      const from = ++i;
      while (i < source.length && source[i] !== c && source[i] !== '\n')
        i += source[i] === '\\' ? 2 : 1;
      blank(code, from, Math.min(i, source.length));
      i++;
      lastSignificant = c;
    } else if (c === '`') {
      i++;
      skipTemplateText();
    } else if (c === '/' && startsRegExp(source, i, lastSignificant)) {
      const from = i++;
      let inClass = false;
      while (i < source.length && source[i] !== '\n' && (inClass || source[i] !== '/')) {
        if (source[i] === '\\') i++;
        else if (source[i] === '[') inClass = true;
        else if (source[i] === ']') inClass = false;
        i++;
      }
      i++;
      blank(code, from, Math.min(i, source.length));
      blank(text, from, Math.min(i, source.length));
      lastSignificant = '/';
    } else {
      if (c === '{') depth++;
      if (c === '}') {
        depth--;
        if (templates.length > 0 && templates[templates.length - 1] === depth) {
          templates.pop();
          i++;
          skipTemplateText();
          continue;
        }
      }
      if (c !== ' ' && c !== '\t' && c !== '\r' && c !== '\n') lastSignificant = c;
      i++;
    }
  }
  return { code: code.join(''), text: text.join('') };
}

function startsRegExp(source, index, lastSignificant) {
  // `</div>` and `/>` of JSX are not regular expressions.
  if (source[index - 1] === '<' || source[index + 1] === '>') return false;
  if (BEFORE_REGEXP.has(lastSignificant)) return true;
  return WORDS_BEFORE_REGEXP.test(source.slice(Math.max(0, index - 12), index).trimEnd());
}

const STATIC_IMPORT =
  /(?<![\w$.])(import|export)(\s+type\b)?(?=[\s{*'"])[^;'"`()=]*?(?:\bfrom\s*)?(['"])/g;
const DYNAMIC_IMPORT = /(?<![\w$.])(?:import|require|vi\.mock)\s*\(\s*(['"])/g;

/** All imports of `source`: `{ specifier, line, typeOnly }`, `line` counted from 1. */
export function findImports(source) {
  const { code, text } = maskSource(source);
  const found = [];
  const add = (quoteIndex, start, typeOnly) => {
    const quote = text[quoteIndex];
    const end = text.indexOf(quote, quoteIndex + 1);
    if (end === -1) return;
    const line = source.slice(0, start).split('\n').length;
    found.push({ specifier: text.slice(quoteIndex + 1, end), line, typeOnly });
  };
  for (const match of code.matchAll(STATIC_IMPORT)) {
    const clause = match[0];
    // `export const x = 'y'` has no `from`; `import 'x'` has none either but nothing between.
    if (!/\bfrom\s*['"]$/.test(clause) && !/^import\s*['"]$/.test(clause)) continue;
    const typeOnly = match[2] !== undefined || isAllTypes(clause);
    add(match.index + clause.length - 1, match.index, typeOnly);
  }
  for (const match of code.matchAll(DYNAMIC_IMPORT)) {
    // `import('x')` in a type position erases, but says the same about who knows whom.
    add(match.index + match[0].length - 1, match.index, false);
  }
  return found.sort((a, b) => a.line - b.line);
}

/** Whether `import { type A, type B } from` names only types. */
function isAllTypes(clause) {
  const names = /^(?:import|export)\s*\{([^}]*)\}/.exec(clause)?.[1];
  if (names === undefined) return false;
  const parts = names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return parts.length > 0 && parts.every((name) => name.startsWith('type '));
}

/** Uses of `names` (global identifiers) in `source`: `{ name, line }`. Members (`x.Date`) and keys (`Date:`) do not count. */
export function findGlobals(source, names) {
  const { code } = maskSource(source);
  const found = [];
  const pattern = new RegExp(
    `(?<![\\w$.#'"])(${names.map(escapeRegExp).join('|')})(?![\\w$])(?!\\s*\\??:)`,
    'g',
  );
  for (const match of code.matchAll(pattern)) {
    found.push({ name: match[1], line: code.slice(0, match.index).split('\n').length });
  }
  return found;
}

/** `text` as a pattern that matches it, with any space where it has one. */
function escapeRegExp(text) {
  return text.replaceAll(/[.()]/g, '\\$&').replaceAll(' ', '\\s+');
}
