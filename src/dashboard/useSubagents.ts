import { useState } from 'preact/hooks';
import type { ApiAnswer } from '../link/api.ts';
import { useBridge } from './bridge.ts';
import type { Action } from './useAction.ts';
import { useAnswer } from './useAnswer.ts';

type Slots = ApiAnswer<'GET /api/subagent-models'>;

export interface Subagents {
  /** `undefined` before the first answer. */
  readonly slots: Slots | undefined;
  readonly problem: string | undefined;
  /** `null`: Codex's own choice. */
  choose(models: readonly string[] | null): Promise<void>;
}

/** What the user has chosen and the proxy has not confirmed yet. */
interface Change {
  readonly models: readonly string[] | null;
}

/** The models for sub-agents; a choice is shown at once, and the next one builds on it. */
export function useSubagents({ run }: Action): Subagents {
  const bridge = useBridge();
  const { value, problem, reload } = useAnswer('GET /api/subagent-models', {}, [
    'models',
    'config',
  ]);
  const [change, setChange] = useState<Change>();
  return {
    slots: withChange(value, change),
    problem,
    choose: async (models) => {
      setChange({ models });
      const input = { models: models === null ? null : [...models] };
      await run(() => bridge.call('PUT /api/subagent-models', input));
      await reload();
      setChange((newest) => (newest?.models === models ? undefined : newest));
    },
  };
}

function withChange(slots: Slots | undefined, change: Change | undefined): Slots | undefined {
  if (slots === undefined || change === undefined) return slots;
  const { chosen: _, ...rest } = slots;
  return change.models === null ? rest : { ...rest, chosen: change.models };
}
