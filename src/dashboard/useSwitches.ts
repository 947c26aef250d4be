import { useState } from 'preact/hooks';

/** Switches that show at once what the user has set, and what the proxy says once it has answered. */
export interface Switches {
  isOn(id: string, said: boolean): boolean;
  set(id: string, on: boolean, save: () => Promise<void>): Promise<void>;
}

export function useSwitches(): Switches {
  const [set, setSet] = useState<ReadonlyMap<string, boolean>>(new Map());
  return {
    isOn: (id, said) => set.get(id) ?? said,
    set: async (id, on, save) => {
      setSet((all) => new Map(all).set(id, on));
      await save();
      // A later change of the same switch waits for its own answer.
      setSet((all) => new Map([...all].filter(([other, to]) => other !== id || to !== on)));
    },
  };
}
