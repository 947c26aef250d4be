/** A process that changes auth.json without end, and says how often it has; run by processes.test.ts. */
import { writeSync } from 'node:fs';
import { AuthStore } from '../../../src/credentials/accounts/authStore.ts';

const [home = '', name = ''] = process.argv.slice(2);
const store = new AuthStore(home);

for (let save = 1; ; save++) {
  const changed = await store.change((file) => ({
    file: { ...file, [name]: { access: 'a', refresh: 'r', expires: save } },
    value: undefined,
  }));
  writeSync(1, changed.ok ? '.' : `\n${changed.problem.message}\n`);
}
