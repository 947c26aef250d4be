import { useCallback, useState } from 'preact/hooks';

/** How an operation ended, as far as the page cares. */
type Ended = { readonly ok: true } | { readonly ok: false; readonly message: string };

export interface Action {
  /** Why the one that ended last was not done. */
  readonly problem: string | undefined;
  readonly busy: boolean;
  run(operation: () => Promise<Ended>): Promise<void>;
}

/** Does what a button asks for, and says why where that fails. */
export function useAction(): Action {
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const run = useCallback(async (operation: () => Promise<Ended>): Promise<void> => {
    setBusy(true);
    const ended = await operation();
    setBusy(false);
    setProblem(ended.ok ? undefined : ended.message);
  }, []);
  return { problem, busy, run };
}
