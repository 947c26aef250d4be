/**
 * A process that asks for a token once it is told to; run by processes.test.ts.
 * node refreshWorker.ts <home> <token endpoint> <provider> <plain | hold | freeze>. `hold`: says so and
 * stays when it is about to send; `freeze`: stops itself when it has read the file under the lock.
 */
import { existsSync, readdirSync } from 'node:fs';
import { Accounts } from '../../../src/credentials/accounts/accounts.ts';
import { systemClock } from '../../../src/credentials/accounts/clock.ts';
import { isAccountProvider } from '../../../src/credentials/accounts/credential.ts';
import type { WebCall } from '../../../src/providers/webCall.ts';

const [home = '', endpoint = '', provider = '', mode = ''] = process.argv.slice(2);
if (!isAccountProvider(provider)) throw new Error(`no account: ${provider}`);

const call: WebCall = async ({ body = '' }) => {
  if (mode === 'hold') {
    process.send?.('sending');
    await new Promise(() => setInterval(() => {}, 1_000));
  }
  const answer = await fetch(endpoint, { method: 'POST', body });
  return { ok: true, status: answer.status, headers: {}, body: await answer.text() };
};

let looks = 0;
function now(): number {
  const locked = existsSync(home) && readdirSync(home).some((name) => name.endsWith('.lock'));
  // The first look at the clock under the lock comes before the file is read, the second after it.
  if (mode === 'freeze' && locked && ++looks === 2) {
    process.send?.('freezing');
    process.kill(process.pid, 'SIGSTOP');
  }
  return Date.now();
}

const accounts = new Accounts({
  home,
  version: '1.2.3',
  call,
  permitted: () => true,
  clock: { ...systemClock, now },
});

process.send?.('ready');
process.once('message', async () => {
  const answer = await accounts.token(provider);
  process.send?.(answer.ok ? { token: answer.token } : { error: answer.error.message });
  process.disconnect();
});
