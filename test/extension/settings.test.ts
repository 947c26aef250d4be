import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { editor } from '../support/vscode.ts';

const { editorNetwork } = await import('../../src/vscode/settings.ts');

beforeEach(() => editor.reset());

test('the proxy of the editor is ours, unless its use is off', () => {
  assert.deepEqual(editorNetwork(), {});
  editor.settings.set('http.proxy', ' http://proxy:3128 ');
  editor.settings.set('http.noProxy', ['.corp', 'localhost']);
  assert.deepEqual(editorNetwork(), { proxy: 'http://proxy:3128', noProxy: '.corp,localhost' });
  editor.settings.set('http.proxySupport', 'off');
  assert.deepEqual(editorNetwork(), { noProxy: '.corp,localhost' });
});

test('a value of another type, which settings.json may hold, is none', () => {
  for (const value of [null, 3128, ['http://proxy:3128'], {}]) {
    editor.settings.set('http.proxy', value);
    assert.deepEqual(editorNetwork(), {});
  }
  editor.settings.delete('http.proxy');
  for (const value of [null, 'localhost', {}]) {
    editor.settings.set('http.noProxy', value);
    assert.deepEqual(editorNetwork(), {});
  }
});
