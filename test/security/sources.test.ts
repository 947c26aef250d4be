import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../src/', import.meta.url));

/** Every source file without its comments: a word there is no use of it. */
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name): readonly [string, string] => [
    name.replaceAll('\\', '/'),
    readFileSync(root + name, 'utf8')
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/(^|\s)\/\/.*$/gm, '$1'),
  ]);

function filesWith(pattern: RegExp): readonly string[] {
  return sources.filter(([, text]) => pattern.test(text)).map(([path]) => path);
}

test('T7: a secret that somebody presents is compared in constant time', () => {
  const text = sources.find(([path]) => path === 'credentials/token.ts')?.[1] ?? '';
  const body = text.slice(text.indexOf('function sameToken'));
  assert.match(body.slice(0, body.indexOf('\n}')), /timingSafeEqual\(ours, theirs\)/);
  assert.deepEqual(filesWith(/(?:===|!==)\s*(?:options\.|this\.#?)?token\b/), []);
});

test('T25: nothing that comes from outside is made into markup', () => {
  const markup =
    /\b(?:dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML|srcdoc|createContextualFragment|DOMParser)\b|document\.write\b/;
  assert.deepEqual(filesWith(markup), []);
  assert.deepEqual(filesWith(/\b(?:enableCommandUris|supportHtml)\b|\.isTrusted = true/), []);
  assert.deepEqual(filesWith(/\beval\(|\bnew Function\(/), []);
});

test('T26: no other extension is given anything', () => {
  assert.deepEqual(filesWith(/registerAuthenticationProvider/), []);
  const entry = sources.find(([path]) => path === 'extension.ts')?.[1] ?? '';
  assert.match(entry, /export (?:async )?function activate\([^)]*\): (?:Promise<void>|void) \{/);
});

test('T27: pages are opened by the editor or shown as text, and no program runs in a shell', () => {
  const runsPrograms = sources.filter(([, text]) => text.includes('child_process'));
  assert.deepEqual(
    runsPrograms.map(([path]) => path),
    // The second opens our own page on this machine, whose address nobody else gives.
    ['cli/gui.ts', 'codex/runCodex.ts'],
  );
  for (const [path, text] of runsPrograms) {
    assert.doesNotMatch(text, /\bshell:\s*(?!false)|\bexec(?:Sync)?\b/, path);
  }
});
