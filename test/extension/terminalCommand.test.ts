import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { testScope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import { editor } from '../support/vscode.ts';

const { cmdLauncher, writeLaunchers } = await import('../../src/vscode/launchers.ts');
const { TerminalCommand } = await import('../../src/vscode/terminalCommand.ts');
const { Uri, workspace } = await import('../support/vscodeModule.ts');

test('ocx runs with the Node of the editor, whatever the paths hold', {
  skip: process.platform === 'win32',
}, async (t) => {
  const folder = join(testScope(t).directory('bin'), "it's a $HOME folder");
  await writeLaunchers(folder, process.execPath, join(folder, 'the ocx.cjs'));
  writeFileSync(
    join(folder, 'the ocx.cjs'),
    'console.log(JSON.stringify([process.argv.slice(2), process.env.ELECTRON_RUN_AS_NODE]))',
  );
  const said = execFileSync('ocx', ['a b', '$c'], {
    env: { PATH: `${folder}:${process.env['PATH']}` },
    encoding: 'utf8',
  });
  assert.deepEqual(JSON.parse(said), [['a b', '$c'], '1']);
});

test('the Windows launcher quotes its paths and leaves the variable to itself', () => {
  const text = cmdLauncher('C:\\100%\\Code.exe', 'C:\\x y\\ocx.cjs');
  assert.match(text, /\r\nsetlocal\r\n/);
  assert.match(text, /\r\n"C:\\100%%\\Code\.exe" "C:\\x y\\ocx\.cjs" %\*\r\n$/);
});

test('terminals get the command only while the setting says so', async (t) => {
  editor.reset();
  const folder = testScope(t).directory('storage');
  const set = new Map<string, string>();
  const variables = {
    persistent: true,
    description: '',
    prepend: (name: string, value: string) => void set.set(name, value),
    clear: () => set.clear(),
  };
  const command = new TerminalCommand({
    asAbsolutePath: (path) => `/extension/${path}`,
    environmentVariableCollection: variables,
    globalStorageUri: Uri.file(folder),
  });
  t.after(() => command.dispose());
  assert.equal(variables.persistent, false);
  assert.equal(set.size, 0);
  await workspace.getConfiguration('opencodex').update('terminal.ocx', true);
  await until('the path', () => set.size === 1);
  const [bin = ''] = (set.get('PATH') ?? '').split(process.platform === 'win32' ? ';' : ':');
  assert.match(readFileSync(join(bin, 'ocx'), 'utf8'), /\/extension\/dist\/ocx\.cjs/);
  assert.ok(variables.description !== '');
  await workspace.getConfiguration('opencodex').update('terminal.ocx', false);
  await until('the path to be gone', () => set.size === 0);
});
