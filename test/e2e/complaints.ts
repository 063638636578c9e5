/** What axe-core has to say about a page of ours, dark and light, wide and as narrow as a phone. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type axe from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WIDTHS = [
  { width: 1280, height: 720 },
  { width: 320, height: 640 },
] as const;

/** Everything that axe finds on the page as it is, in each colour scheme and width. */
export async function complaints(page: Page, screen: string): Promise<string[]> {
  const found: string[] = [];
  await page.evaluate(AXE);
  for (const size of WIDTHS) {
    await page.setViewportSize(size);
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const { violations } = await page.evaluate(async () => {
        // The tiles follow the new size.
        for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
        const { axe: library } = window as unknown as { axe: typeof axe };
        // A picture of the test is no text; its colours say nothing.
        return library.run({ exclude: ['video'] });
      });
      for (const { id, nodes } of violations) {
        const where = nodes.map(({ html }) => html.slice(0, 120)).join(' | ');
        found.push(`${screen} ${colorScheme} ${size.width}: ${id}: ${where}`);
      }
      const isWider = await page.evaluate(
        () => document.documentElement.scrollWidth > window.innerWidth,
      );
      if (isWider) found.push(`${screen} ${size.width}: wider than the window`);
    }
  }
  await page.setViewportSize(WIDTHS[0]);
  return found;
}
