import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { Scope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import { connectCodex, ownConfig, readCodexConfig, type Session, startSession } from './session.ts';
import { steps } from './steps.ts';

describe('the extension, uninstalled from a real VS Code', () => {
  const scope = new Scope();
  const step = steps();
  let session: Session;

  before(async () => {
    session = await startSession(scope);
  });
  after(() => scope.close());

  step('is connected to Codex', () => connectCodex(session));

  step('gives Codex its config back at the next start of the editor', async () => {
    const { editor, codex } = session;
    await editor.uninstall('opencodex.opencodex');
    await editor.restart();
    await until('Codex to have its config back', () => readCodexConfig(codex) === ownConfig);
    assert.ok(!existsSync(join(codex.home, 'opencodex.config.toml')));
    assert.equal(await editor.statusItem.count(), 0);
  });
});
