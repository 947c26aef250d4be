import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** From the top down; a file imports from its own layer or from those below. */
const layers = [
  'entry',
  'vscode',
  'dashboard',
  'cli',
  'proxy',
  'link',
  'codex',
  'sidecars',
  'credentials',
  'providers',
  'config',
  'adapters',
  'responses',
  'turn',
  'files',
  'language',
];

/** What each zone must not import from outside the project. */
const pure = new Set(['adapters', 'responses', 'turn', 'dashboard', 'language']);

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src');

interface SourceFile {
  /** Relative to `src`, with `/`. */
  readonly path: string;
  readonly layer: string;
  /** Relative to `src` for files of the project, as written for packages. */
  readonly imports: readonly string[];
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => path.split(sep).join('/'))
  .map(readSource);

function readSource(path: string): SourceFile {
  const text = readFileSync(join(source, path), 'utf8');
  const imports = [...text.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*'([^']+)'/g)].map(
    ([, specifier = '']) =>
      specifier.startsWith('.')
        ? normalize(join(dirname(path), specifier))
            .split(sep)
            .join('/')
        : specifier,
  );
  return { path, layer: layerOf(path), imports };
}

function layerOf(path: string): string {
  const [folder, ...rest] = path.split('/');
  return rest.length === 0 ? 'entry' : (folder ?? '');
}

function isProjectFile(specifier: string): boolean {
  return files.some((file) => file.path === specifier);
}

test('every folder of src is a layer', () => {
  assert.deepEqual(
    [...new Set(files.map((file) => file.layer))].filter((layer) => !layers.includes(layer)),
    [],
  );
});

test('imports only go downwards', () => {
  const upward = files.flatMap((file) =>
    file.imports
      .filter((target) => isProjectFile(target))
      .filter((target) => layers.indexOf(layerOf(target)) < layers.indexOf(file.layer))
      .map((target) => `${file.path} → ${target}`),
  );
  assert.deepEqual(upward, []);
});

test('every relative import names a file of src', () => {
  const strays = files.flatMap((file) =>
    file.imports
      .filter((target) => /\.(tsx?|css|json)$/.test(target) && !target.endsWith('.css'))
      .filter((target) => !isProjectFile(target))
      .map((target) => `${file.path} → ${target}`),
  );
  assert.deepEqual(strays, []);
});

test('no imports in circles', () => {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
      return;
    }
    if (done.has(path)) return;
    for (const target of byPath.get(path)?.imports ?? []) {
      if (byPath.has(target)) visit(target, [...trail, path]);
    }
    done.add(path);
  };
  for (const file of files) visit(file.path, []);
  assert.deepEqual(circles, []);
});

test('only src/vscode and the extension entry import vscode', () => {
  const strangers = files.filter(
    (file) =>
      file.imports.includes('vscode') && file.layer !== 'vscode' && file.path !== 'extension.ts',
  );
  assert.deepEqual(
    strangers.map((file) => file.path),
    [],
  );
});

test('the neutral model, the protocol, the adapters and the dashboard do without node', () => {
  const strangers = files
    .filter((file) => pure.has(file.layer))
    .flatMap((file) =>
      file.imports
        .filter((target) => target.startsWith('node:') || target === 'undici')
        .map((target) => `${file.path} → ${target}`),
    );
  assert.deepEqual(strangers, []);
});

test('the editor never loads undici, and nobody loads the large zod', () => {
  const strangers = files.flatMap((file) =>
    file.imports
      .filter(
        (target) =>
          target === 'zod' ||
          (target === 'undici' && !['proxy', 'credentials'].includes(file.layer)),
      )
      .map((target) => `${file.path} → ${target}`),
  );
  assert.deepEqual(strangers, []);
});
