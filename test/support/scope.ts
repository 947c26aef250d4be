import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

type Closer = () => unknown;

/** What a test opened: closed again in reverse order, also when the test failed. */
export class Scope {
  readonly #closers: Closer[] = [];

  add(closer: Closer): void {
    this.#closers.push(closer);
  }

  /** A directory that is gone when the scope closes. */
  directory(name: string): string {
    const path = mkdtempSync(join(tmpdir(), `opencodex-${name}-`));
    this.add(() => rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }));
    return path;
  }

  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (let closer = this.#closers.pop(); closer !== undefined; closer = this.#closers.pop()) {
      try {
        await closer();
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'could not be closed');
  }
}

/** A scope that closes when the test is over. */
export function testScope(t: TestContext): Scope {
  const scope = new Scope();
  t.after(() => scope.close());
  return scope;
}
