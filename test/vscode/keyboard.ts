import type { Keyboard, Locator } from 'playwright-core';

/** More than any page has between two things that are next to each other for its user. */
const mostPresses = 400;

/** Goes to something as people do who have no mouse. */
export async function tabTo(keyboard: Keyboard, target: Locator): Promise<void> {
  await target.waitFor();
  for (let presses = 0; presses < mostPresses; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await keyboard.press('Tab');
  }
  throw new Error(`the Tab key does not lead to ${target}`);
}
