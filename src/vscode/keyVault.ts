import { type Disposable, EventEmitter, type SecretStorage } from 'vscode';

const prefix = 'provider:';

/** Provider keys in the editor's secret store; the proxy gets them in memory only. */
export class KeyVault implements Disposable {
  readonly #secrets: SecretStorage;
  readonly #changed = new EventEmitter<Readonly<Record<string, string | null>>>();
  readonly #listening: Disposable;

  /** Keys by provider id that changed in any window; `null` is a key that is gone. */
  readonly onDidChange = this.#changed.event;

  constructor(secrets: SecretStorage) {
    this.#secrets = secrets;
    this.#listening = secrets.onDidChange(({ key }) => {
      if (key.startsWith(prefix)) void this.#tell(key);
    });
  }

  /** Every stored key by provider id. */
  async all(): Promise<Readonly<Record<string, string>>> {
    const names = (await this.#secrets.keys()).filter((name) => name.startsWith(prefix));
    const values = await Promise.all(names.map((name) => this.#secrets.get(name)));
    const keys: Record<string, string> = {};
    names.forEach((name, index) => {
      const value = values[index];
      if (value !== undefined) keys[name.slice(prefix.length)] = value;
    });
    return keys;
  }

  async has(provider: string): Promise<boolean> {
    return (await this.#secrets.get(prefix + provider)) !== undefined;
  }

  /** Gives `false` where the editor did not keep the key: some systems have no keyring. */
  async store(provider: string, key: string): Promise<boolean> {
    await this.#secrets.store(prefix + provider, key);
    return (await this.#secrets.get(prefix + provider)) === key;
  }

  async forget(provider: string): Promise<void> {
    await this.#secrets.delete(prefix + provider);
  }

  dispose(): void {
    this.#listening.dispose();
    this.#changed.dispose();
  }

  async #tell(key: string): Promise<void> {
    let value: string | undefined;
    try {
      value = await this.#secrets.get(key);
    } catch {
      // It is not gone, only locked away; the next start of the proxy reads it again.
      return;
    }
    this.#changed.fire({ [key.slice(prefix.length)]: value ?? null });
  }
}
