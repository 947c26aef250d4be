import { type Browser, chromium } from 'playwright-core';
import type { Scope } from '../support/scope.ts';

/** Debian's path; CHROMIUM names another one. */
const browserPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

export async function launchBrowser(scope: Scope): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: browserPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  });
  scope.add(() => browser.close());
  return browser;
}
