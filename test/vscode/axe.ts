import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Frame, Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong with a page, each in a line. */
export async function violations(page: Page | Frame): Promise<readonly string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  return page.evaluate(async () => {
    const runner: unknown = Reflect.get(window, 'axe');
    const run: unknown = typeof runner === 'object' && runner && Reflect.get(runner, 'run');
    if (typeof run !== 'function') return ['no axe'];
    const { violations } = await run.call(runner, document, { resultTypes: ['violations'] });
    return violations.map(
      (found: { id: string; nodes: { html: string }[] }) =>
        `${found.id}: ${found.nodes.map((node) => node.html).join(' ')}`,
    );
  });
}

/** By how many pixels the page itself, not a box in it, is wider than what shows it. */
export function sideways(page: Page | Frame): Promise<number> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
  });
}
