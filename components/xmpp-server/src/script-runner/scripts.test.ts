/** Plays every script of test/scripts; one story a file. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseScript } from './parse-script.ts';
import { ScriptRun } from './run-script.ts';

const folder = new URL('../../../../test/scripts/', import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith('.script'));

test('there are scripts to play', () => {
  expect(files.length).toBeGreaterThan(10);
});

describe('stanza scripts', () => {
  test.each(files)('%s', (file) => {
    const script = parseScript(readFileSync(new URL(file, folder), 'utf8'));
    expect(script.steps.length).toBeGreaterThan(0);
    const run = new ScriptRun(script);
    for (const { line, text } of script.steps) {
      try {
        run.step(text);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`${file}:${line}: ${text}\n  ${reason}`);
      }
    }
    expect(run.core.core.metrics.internalErrors).toBe(0);
  });
});
