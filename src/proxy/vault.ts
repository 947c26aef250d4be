import type { Redactor } from '../credentials/redact.ts';
import { keepNewest } from '../language/keepNewest.ts';

export type KeyChanges = Readonly<Record<string, string | null>>;

/** The window that this proxy runs in. */
export const ownWindow = 'own';

/** Of one window; far more than there are providers. */
const mostKeys = 256;

/**
 * Keys of the editors' secret stores, in memory only, each as long as a window is there that holds
 * it. Where two windows hold different keys for a provider, the one that came last counts.
 */
export class Vault {
  readonly #redactor: Redactor;
  readonly #changed: () => void;
  /** By window; the one that said something last stands last. */
  readonly #held = new Map<string, Map<string, string>>();
  readonly #keys = new Map<string, string>();

  constructor(redactor: Redactor, changed: () => void = () => {}) {
    this.#redactor = redactor;
    this.#changed = changed;
  }

  /** The keys by provider id. */
  get keys(): ReadonlyMap<string, string> {
    return this.#keys;
  }

  /** Whether a window has said which keys it holds, and be it none. */
  hasHeard(window: string): boolean {
    return this.#held.has(window);
  }

  /** The keys that a window holds. */
  heldBy(window: string): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#held.get(window) ?? []);
  }

  /** Takes what has changed at a window; `null` is a key that is gone. */
  hold(window: string, changes: KeyChanges): void {
    const held = this.#held.get(window) ?? new Map<string, string>();
    for (const [provider, key] of Object.entries(changes)) {
      if (key === null) {
        held.delete(provider);
      } else {
        this.#redactor.remember(key);
        held.set(provider, key);
        keepNewest(held, mostKeys);
      }
    }
    this.#held.delete(window);
    this.#held.set(window, held);
    this.#gather();
  }

  /** The window is gone, and so are the keys that no other holds. */
  forget(window: string): void {
    if (this.#held.delete(window)) this.#gather();
  }

  #gather(): void {
    this.#keys.clear();
    for (const held of this.#held.values()) {
      for (const [provider, key] of held) this.#keys.set(provider, key);
    }
    this.#changed();
  }
}
