import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** The narrowest phone in use, a usual one, and a tablet. */
const WIDTHS_PX = [320, 390, 768];

/**
 * What is wrong with a page as it stands, whoever reads it: it is wider than a window, or axe-core objects to it (WCAG
 * and what axe calls best practice).
 * @returns in words, each with the `state` that the page is in
 */
export async function layoutFaults(page: Page, state: string): Promise<readonly string[]> {
  const faults: string[] = [];
  const before = page.viewportSize();
  for (const width of WIDTHS_PX) {
    await page.setViewportSize({ width, height: 800 });
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
    if (wide > width) faults.push(`${state}: ${wide} px wide in a window of ${width}`);
  }
  if (before) await page.setViewportSize(before);
  // In the page's own world, past its content security policy, as the DevTools are.
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(AXE);
  const violations = await page.evaluate<string[]>(LOOK);
  return [...faults, ...violations.map((violation) => `${state}: ${violation}`)];
}

const LOOK = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
  violations.map(({ id, help, nodes }) => id + ' (' + help + '): ' + nodes.map(({ html }) => html.slice(0, 120)).join(' | ')))`;
