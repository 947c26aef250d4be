import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { at, listOf } from '../support/json.ts';

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

// The rows themselves come from the tests in a real VS Code, which compare them with what they see.
test('docs/screens.md has a row for every command of the manifest', () => {
  const texts: unknown = JSON.parse(read('package.nls.json'));
  const sections = read('docs/screens.md').split('\n## ');
  for (const command of listOf(at(JSON.parse(read('package.json')), 'contributes', 'commands'))) {
    const title = String(at(texts, String(at(command, 'title')).slice(1, -1)));
    const section = sections.find((text) => text.startsWith(`${title}\n`));
    assert.match(section ?? '', /\| ✓/, title);
  }
});
