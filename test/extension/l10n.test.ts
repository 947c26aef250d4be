import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isRecord } from '../support/json.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What is the same in both languages: names of products. */
const sameEverywhere = new Set(['icon.logo']);

function table(name: string): ReadonlyMap<string, string> {
  const value: unknown = JSON.parse(readFileSync(join(root, name), 'utf8'));
  assert.ok(isRecord(value), name);
  return new Map(Object.entries(value).map(([key, text]) => [key, String(text)]));
}

/** The literals that are given to `t(…)` or `l10n.t(…)`. */
function keysOf(source: string): readonly string[] {
  const literal = /(?<![\w$])t\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g;
  return [...source.matchAll(literal)].map(([, single, double]) =>
    (single ?? double ?? '').replace(/\\(.)/g, '$1'),
  );
}

function sources(): readonly string[] {
  return ['src/dashboard', 'src/vscode'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => join(root, folder, name)),
  );
}

const used = new Set(sources().flatMap((file) => keysOf(readFileSync(file, 'utf8'))));

/** Both ways to use the same placeholders, whatever their order. */
function placeholders(text: string): readonly string[] {
  return (text.match(/\{\d\}/g) ?? []).toSorted();
}

test('every text is a literal, so that it can be found and translated', () => {
  for (const file of sources().filter((name) => !name.endsWith('l10n.ts'))) {
    const source = readFileSync(file, 'utf8');
    assert.doesNotMatch(source, /(?<![\w$])(?:l10n\.)?t\(\s*(?!['"\s])/, file);
  }
  assert.ok(used.size > 200, `${used.size} texts were found`);
});

test('every text of the code is there in Chinese, and none is left over', () => {
  const texts = table('l10n/bundle.l10n.zh-cn.json');
  assert.deepEqual(
    [...used].filter((key) => !texts.has(key)),
    [],
    'missing',
  );
  assert.deepEqual(
    [...texts.keys()].filter((key) => !used.has(key)),
    [],
    'left over',
  );
});

test('every text of the manifest is there in Chinese, and none is left over', () => {
  assert.deepEqual(
    [...table('package.nls.zh-cn.json').keys()].toSorted(),
    [...table('package.nls.json').keys()].toSorted(),
  );
});

test('a translation says it in Chinese, and loses no placeholder and no link', () => {
  const pairs: (readonly [string, string, string])[] = [];
  for (const [key, text] of table('l10n/bundle.l10n.zh-cn.json')) pairs.push([key, key, text]);
  const chinese = table('package.nls.zh-cn.json');
  for (const [key, text] of table('package.nls.json'))
    pairs.push([key, text, chinese.get(key) ?? '']);
  for (const [key, english, text] of pairs) {
    if (!sameEverywhere.has(key)) {
      assert.notEqual(text, english, key);
      // Placeholders alone need no words.
      if (/[A-Za-z]{2}/.test(english.replace(/\{\d\}| of /g, ''))) {
        assert.match(text, /\p{Script=Han}/u, key);
      }
    }
    assert.deepEqual(placeholders(text), placeholders(english), key);
    assert.deepEqual(text.match(/\(command:[^)]+\)/g), english.match(/\(command:[^)]+\)/g), key);
  }
});
