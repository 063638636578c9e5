/**
 * The inputs that a fuzz target takes first, in every run: messages that show what its parser knows, and every one that once broke
 * something. `x.fuzz.ts` has them in `x.corpus.txt` beside it, one a line; `# …` says what the next ones are.
 */
import { readFileSync } from 'node:fs';

/** Of the target whose `import.meta.url` it is. `\uXXXX` in a line stands for that UTF-16 unit, `\\` for a backslash. */
export function textCorpus(targetUrl: string): readonly string[] {
  return lines(targetUrl).map((line) =>
    line.replace(/\\(?:\\|u([0-9a-f]{4}))/g, (_, hex?: string) =>
      hex === undefined ? '\\' : String.fromCharCode(parseInt(hex, 16)),
    ),
  );
}

/** Of a target that reads bytes: they stand there in hexadecimal, with spaces where it helps a reader. */
export function byteCorpus(targetUrl: string): readonly Uint8Array[] {
  return lines(targetUrl).map((line) => {
    const hex = line.replaceAll(' ', '');
    if (!/^(?:[0-9a-f]{2})*$/.test(hex)) throw new Error(`not hexadecimal: ${line}`);
    return Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));
  });
}

function lines(targetUrl: string): readonly string[] {
  const file = new URL(targetUrl.replace(/\.fuzz\.ts$/, '.corpus.txt'));
  const found = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('# '));
  if (found.length === 0) throw new Error(`${file.pathname} is empty`);
  return found;
}
