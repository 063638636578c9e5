/**
 * The texts in the language of this page. DEVIATION from "no state of modules": every view reads them, there is one language
 * at a time, and whoever changes it draws the page again (`language.tsx`).
 */
import { en } from './en.ts';
import type { Texts } from './texts.ts';

export let strings: Texts = en;

export function speak(texts: Texts): void {
  strings = texts;
}
