import { type TestContext, test } from 'node:test';

type Step = (name: string, run: (t: TestContext) => Promise<void>) => void;

/** Tests that build on each other: after one that fails the others say nothing new. */
export function steps(): Step {
  let failed: string | undefined;
  return (name, run) => {
    test(name, async (t) => {
      if (failed !== undefined) {
        t.skip(`after the failure of: ${failed}`);
        return;
      }
      failed = name;
      await run(t);
      failed = undefined;
    });
  };
}
