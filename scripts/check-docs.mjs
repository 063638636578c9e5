/**
 * Checks that the documents and the tracked files tell the truth: paths exist, error codes and
 * dependencies are listed, and nothing names the machine it was made on. Fails when it checked nothing.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { maskSource } from './check-source-scanner.mjs';

/** Paths in backticks that have a slash and an extension (`a/b.ts`, `a/*.ts` not), without their line. */
export function pathsIn(markdown) {
  const found = [...markdown.matchAll(/`([\w@.-]+(?:\/[\w@.-]+)+\.[a-z0-9]{1,5})(?::\d+)?`/g)];
  return found.map((match) => match[1]);
}

/** Codes a document explains: the first `AREA_REASON` in backticks of a table row, list item or heading. */
export function documentedCodes(markdown) {
  const found = [...markdown.matchAll(/^(?:\||[-*]|#+)\s*`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`/gm)];
  return found.map((match) => match[1]);
}

const THROWN = /(?:super|new\s+[A-Z]\w*Error)\(\s*'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/g;
const DECLARED = /\bcode\s*[:=]\s*'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/g;

/** Error codes that a source file creates, comments aside. */
export function codesIn(source) {
  const { text } = maskSource(source);
  return [...text.matchAll(THROWN), ...text.matchAll(DECLARED)].map((match) => match[1]);
}

/** What no tracked file may hold. Written in pieces so that this file passes its own check. */
const FORBIDDEN = [
  { pattern: new RegExp(`/${'work'}/(?:main|shared|\\.)`), what: 'a path of one machine' },
  { pattern: new RegExp(`/${'home'}/[a-z]\\w*/`), what: 'a path of one machine' },
  { pattern: new RegExp(`/${'root'}/\\w`), what: 'a path of one machine' },
  {
    pattern: new RegExp(`registry\\.${'npmjs'}|${'deb'}\\.debian\\.org|${'pypi'}\\.org`),
    what: 'a registry host',
  },
];

/** Problems of a tracked file's text: `[{ line, what }]`. */
export function forbiddenIn(text) {
  const problems = [];
  for (const [index, line] of text.split('\n').entries()) {
    for (const { pattern, what } of FORBIDDEN) {
      if (pattern.test(line)) problems.push({ line: index + 1, what });
    }
  }
  return problems;
}

/** Dependencies of `manifests` that `markdown` does not name in backticks. */
export function undocumentedDependencies(manifests, markdown, ownNames) {
  const names = new Set(
    manifests.flatMap((manifest) => [
      ...Object.keys(manifest.dependencies ?? {}),
      ...Object.keys(manifest.devDependencies ?? {}),
    ]),
  );
  return [...names]
    .filter((name) => !ownNames.has(name) && !markdown.includes(`\`${name}\``))
    .sort();
}

/**
 * Optional packages (builds for other systems) that a lock file names but has no entry for: npm leaves
 * out what a registry does not serve, and `npm ci` then refuses the lock file.
 */
export function missingFromLock(packages) {
  return Object.entries(packages).flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {}).filter(
      (name) => !packages[`${path}/node_modules/${name}`] && !packages[`node_modules/${name}`],
    ),
  );
}

/** Checks the checkout at `root`: `{ problems: string[], counts }`. */
export function checkDocs(root) {
  const problems = [];
  const counts = { trackedFiles: 0, paths: 0, codes: 0, manifests: 0, lockEntries: 0 };
  // Untracked files that git does not ignore count too: they are about to be tracked.
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const files = listed.split('\0').filter((file) => file !== '' && existsSync(join(root, file)));
  const read = (file) => readFileSync(join(root, file), 'utf8');
  const document = (file) => {
    if (files.includes(file)) return read(file);
    problems.push(`${file} is missing`);
    return '';
  };

  const isSource = (file) => /\.tsx?$/.test(file) && !/\.(?:test|fuzz)\.tsx?$/.test(file);
  const sources = files.filter((file) => isSource(file) && !/^(?:test|testkit)\//.test(file));

  for (const path of pathsIn(document('ARCHITECTURE.md'))) {
    counts.paths++;
    if (!existsSync(join(root, path)))
      problems.push(`ARCHITECTURE.md names ${path}, which is not there`);
  }

  const documented = documentedCodes(document('docs/errors.md'));
  const created = new Map();
  for (const file of sources) for (const code of codesIn(read(file))) created.set(code, file);
  counts.codes = created.size;
  for (const [code, file] of created) {
    if (!documented.includes(code))
      problems.push(`docs/errors.md does not explain ${code} (${file})`);
  }
  const allSource = sources.map((file) => maskSource(read(file)).text).join('\n');
  for (const code of documented) {
    if (!allSource.includes(`'${code}'`))
      problems.push(`docs/errors.md explains ${code}, which nothing creates`);
  }

  const manifestFiles = files.filter((file) => /(?:^|\/)package\.json$/.test(file));
  const manifests = manifestFiles.map((file) => JSON.parse(read(file)));
  counts.manifests = manifests.length;
  const ownNames = new Set(manifests.map((manifest) => manifest.name));
  for (const name of undocumentedDependencies(
    manifests,
    document('docs/dependencies.md'),
    ownNames,
  )) {
    problems.push(`docs/dependencies.md does not say why ${name} is here`);
  }

  const lock = JSON.parse(document('package-lock.json') || '{}');
  for (const name of missingFromLock(lock.packages ?? {})) {
    problems.push(`package-lock.json lacks ${name}: npm ci will refuse it`);
  }
  for (const [name, entry] of Object.entries(lock.packages ?? {})) {
    counts.lockEntries++;
    if (/^[a-z+]+:/.test(entry.resolved ?? ''))
      problems.push(`package-lock.json: ${name} has an address`);
  }

  for (const file of files) {
    const bytes = readFileSync(join(root, file));
    counts.trackedFiles++;
    if (bytes.includes(0)) continue;
    for (const { line, what } of forbiddenIn(bytes.toString('utf8')))
      problems.push(`${file}:${line} holds ${what}`);
  }
  return { problems, counts };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..'));
  const { problems, counts } = checkDocs(root);
  for (const problem of problems) console.error(problem);
  const blind = Object.entries(counts)
    .filter(([, count]) => count === 0)
    .map(([name]) => name);
  if (blind.length > 0) console.error(`documents: nothing checked of ${blind.join(', ')}`);
  const seen = Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
  console.log(`documents: ${problems.length} problems (${seen})`);
  process.exit(problems.length > 0 || blind.length > 0 ? 1 : 0);
}
