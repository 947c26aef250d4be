import { after, before, describe } from 'node:test';
import { Scope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import { connectCodex, ownConfig, readCodexConfig, type Session, startSession } from './session.ts';
import { steps } from './steps.ts';

/** The window that comes next starts no proxy, so that what the one before has left can be seen. */
describe('the last window of a real VS Code that closes', () => {
  const scope = new Scope();
  const step = steps();
  let session: Session;

  before(async () => {
    session = await startSession(scope, {
      config: () => ({ disconnectOnExit: true }),
      settings: { 'opencodex.autoStart': false },
    });
  });
  after(() => scope.close());

  step('was connected to Codex', async () => {
    const { editor } = session;
    await editor.statusItem.filter({ hasText: 'Stopped' }).waitFor();
    await editor.run('OpenCodex: Start Proxy');
    await connectCodex(session);
  });

  step('gives Codex its config back where the user wants that', async () => {
    const { editor, codex } = session;
    await editor.reload();
    await until('Codex to have its config back', () => readCodexConfig(codex) === ownConfig);
  });
});
