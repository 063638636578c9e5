/** Contrast of every text on every ground it is put on, in both colour schemes (WCAG 2.2 §1.4.3: 4.5). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
const [darkCss = '', lightCss = ''] = css.split('@media');

function tokensOf(text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((m) => [m[1] ?? '', m[2] ?? '']),
  );
}

const dark = tokensOf(darkCss);
const schemes = { dark, light: new Map([...dark, ...tokensOf(lightCss)]) };

/** WCAG 2.2, relative luminance. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [light = 0, deep = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (deep + 0.05);
}

const PAIRS: readonly (readonly [string, string])[] = [
  ['text', 'ground'],
  ['text', 'surface'],
  ['text', 'surface-raised'],
  ['text', 'line'],
  ['text', 'own-message'],
  ['text-soft', 'ground'],
  ['text-soft', 'surface'],
  ['text-soft', 'surface-raised'],
  ['text-soft', 'own-message'],
  ['text-soft', 'tile'],
  ['link', 'surface-raised'],
  ['link', 'own-message'],
  ['accent-text', 'accent'],
  ['accent-text', 'accent-hover'],
  ['accent-text', 'danger'],
  ['accent-text', 'danger-hover'],
  ['warning-text', 'warning'],
  ['error-text', 'surface'],
  ['ground', 'text'],
];

describe.each(Object.entries(schemes))('%s', (_, tokens) => {
  test.each(PAIRS)('%s on %s', (text, ground) => {
    const [a, b] = [tokens.get(text), tokens.get(ground)];
    if (a === undefined || b === undefined) throw new Error('no such token');
    expect(contrast(a, b)).toBeGreaterThanOrEqual(4.5);
  });

  test.each([
    ['focus', 'ground'],
    ['focus', 'surface'],
    ['speaking', 'tile'],
  ])('%s can be told from %s (WCAG 2.2 §1.4.11: 3)', (mark, ground) => {
    expect(contrast(tokens.get(mark) ?? '', tokens.get(ground) ?? '')).toBeGreaterThanOrEqual(3);
  });
});

test('the formula knows black on white', () => {
  expect(contrast('#000000', '#ffffff')).toBe(21);
});
