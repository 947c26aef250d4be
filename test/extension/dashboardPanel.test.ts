import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { testScope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import { editor } from '../support/vscode.ts';
import type { FakePanel } from '../support/vscodePanel.ts';

const { Uri } = await import('vscode');
const { Dashboard } = await import('../../src/vscode/dashboard.ts');
const { WindowEvents } = await import('../../src/vscode/windowEvents.ts');

interface Opened {
  readonly dashboard: InstanceType<typeof Dashboard>;
  readonly panel: FakePanel;
}

/** A dashboard whose page listens. */
async function openDashboard(t: TestContext): Promise<Opened> {
  editor.reset();
  const dashboard = new Dashboard({
    extensionUri: Uri.file('/extension'),
    events: new WindowEvents(),
    api: async () => ({ status: 404, body: null }),
  });
  t.after(() => dashboard.dispose());
  dashboard.open();
  const [panel] = editor.panels;
  assert.ok(panel !== undefined);
  panel.say({ type: 'ready' });
  await until('the first state', () => panel.said.length === 1);
  return { dashboard, panel };
}

const shown = ({ said }: FakePanel): readonly unknown[] =>
  said.filter((message) => JSON.stringify(message).includes('"show"'));

test('a page that listens is shown the tab at once', async (t) => {
  const { dashboard, panel } = await openDashboard(t);
  dashboard.open('models');
  assert.deepEqual(shown(panel), [{ type: 'show', tab: 'models' }]);
});

test('a page that was hidden is told its tab once it listens again', async (t) => {
  const { dashboard, panel } = await openDashboard(t);
  panel.hide();
  dashboard.open('providers');
  assert.deepEqual(shown(panel), [], 'nobody would hear it');
  panel.say({ type: 'ready' });
  await until('the tab', () => shown(panel).length > 0);
  assert.deepEqual(shown(panel), [{ type: 'show', tab: 'providers' }]);
});

test('what the page exports is saved where the user says, and a failure is told', async (t) => {
  const { panel } = await openDashboard(t);
  const folder = testScope(t).directory('exports');
  editor.saveAs = join(folder, 'usage.csv');
  panel.say({ type: 'save', name: 'usage.csv', text: 'day,provider' });
  await until('the file', () => existsSync(join(folder, 'usage.csv')));
  editor.saveAs = join(folder, 'gone', 'usage.csv');
  panel.say({ type: 'save', name: 'usage.csv', text: 'day,provider' });
  const [message] = await until('the message', () => editor.messages.length > 0 && editor.messages);
  assert.equal(message?.kind, 'error');
  assert.match(message.text, /no such file or directory/);
});
