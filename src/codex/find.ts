import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, delimiter, dirname, isAbsolute, join } from 'node:path';
import type { Environment } from '../config/home.ts';
import { type CodexVersion, newerVersion, readsCatalogUrl, versionIn } from './codexVersion.ts';
import { runCodex } from './runCodex.ts';

/** A Codex on this machine. */
export interface CodexInstall {
  /** What can be started without a shell. */
  readonly program: string;
  readonly source: 'path' | 'folder' | 'extension';
  /** `undefined`: it does not start, or does not say. */
  readonly version: CodexVersion | undefined;
  /** Changes when the program is replaced. */
  readonly stamp: string;
}

/**
 * The installed Codexes, each once: those on the PATH first, then where installers put it, then those
 * that come with Codex's editor extension. Looks only where `env` points.
 */
export async function findCodex(env: Environment): Promise<readonly CodexInstall[]> {
  const found = new Map<string, CodexInstall>();
  for (const { source, folder, inner } of await places(env)) {
    const program = await programIn(folder, inner);
    if (program === undefined || found.has(program)) continue;
    const stamp = await stampOf(program);
    if (stamp === undefined) continue;
    found.set(program, { program, source, stamp, version: await versionOf(program, stamp, env) });
  }
  for (const program of asked.keys()) if (!found.has(program)) asked.delete(program);
  return [...found.values()];
}

/**
 * Whether the models must be in a file. A file replaces the models of every provider, so it is for
 * those who have no newer Codex.
 */
export function needsCatalogFile(installs: readonly CodexInstall[]): boolean {
  const newest = installs.map(({ version }) => version).reduce(newerVersion, undefined);
  return newest !== undefined && !readsCatalogUrl(newest);
}

interface Place {
  readonly source: CodexInstall['source'];
  readonly folder: string;
  /** The names of the program there. */
  readonly inner: readonly string[];
}

const windows = process.platform === 'win32';
/** npm's `.cmd` needs a shell; it only shows where the package is. */
const names = windows ? ['codex.exe', 'codex.cmd'] : ['codex'];

async function places(env: Environment): Promise<readonly Place[]> {
  const path = (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter(isAbsolute);
  const home = env[windows ? 'USERPROFILE' : 'HOME'];
  return [
    ...path.map((folder) => ({ source: 'path' as const, folder, inner: names })),
    ...(home === undefined ? [] : await homePlaces(home, env)),
  ];
}

const editorFolders = [
  '.vscode',
  '.vscode-insiders',
  '.vscode-server',
  '.vscode-server-insiders',
  '.vscode-oss',
  '.vscode-remote',
  '.cursor',
  '.cursor-server',
  '.windsurf',
  '.windsurf-server',
  '.local/share/code-server',
];

async function homePlaces(home: string, env: Environment): Promise<readonly Place[]> {
  const appData = env['APPDATA'];
  const folders = windows
    ? [...(appData === undefined ? [] : [join(appData, 'npm')]), join(home, '.cargo', 'bin')]
    : [
        ...['.local/bin', '.npm-global/bin', '.bun/bin', '.volta/bin', '.cargo/bin', 'bin'].map(
          (name) => join(home, name),
        ),
        ...(await entriesOf(join(home, '.nvm', 'versions', 'node'))).map((path) =>
          join(path, 'bin'),
        ),
        // An editor that was started from the dock may not know these.
        ...(process.platform === 'darwin' ? ['/opt/homebrew/bin', '/usr/local/bin'] : []),
      ];
  const extensions: string[] = [];
  for (const editor of editorFolders) {
    const all = await entriesOf(join(home, editor, 'extensions'));
    const codex = all.filter((path) => /^openai\.chatgpt-/i.test(basename(path)));
    for (const path of codex.toReversed()) extensions.push(...(await entriesOf(join(path, 'bin'))));
  }
  return [
    ...folders.map((folder) => ({ source: 'folder' as const, folder, inner: names })),
    ...extensions.map((folder) => ({ source: 'extension' as const, folder, inner: names })),
  ];
}

async function programIn(folder: string, inner: readonly string[]): Promise<string | undefined> {
  for (const name of inner) {
    const path = await realpath(join(folder, name)).catch(() => undefined);
    if (path === undefined) continue;
    if (/\.cmd$/i.test(path)) {
      const native = await nativeOf(join(folder, 'node_modules', '@openai', 'codex'));
      if (native !== undefined) return native;
    } else if (path.endsWith('.js')) {
      // npm's launcher needs a Node on the PATH, which an editor may not have.
      return (await nativeOf(dirname(dirname(path)))) ?? path;
    } else {
      return path;
    }
  }
  return undefined;
}

/** The program that npm's package of Codex starts. */
async function nativeOf(packageFolder: string): Promise<string | undefined> {
  const platform = `codex-${process.platform}-${process.arch}`;
  const vendors = [
    join(packageFolder, '..', platform, 'vendor'),
    join(packageFolder, 'node_modules', '@openai', platform, 'vendor'),
    join(packageFolder, 'vendor'),
  ];
  for (const vendor of vendors) {
    for (const target of await entriesOf(vendor)) {
      for (const folder of ['bin', 'codex']) {
        const path = join(target, folder, windows ? 'codex.exe' : 'codex');
        if ((await stampOf(path)) !== undefined) return path;
      }
    }
  }
  return undefined;
}

/** The paths in a folder, by name; none where there is no such folder. */
async function entriesOf(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder).catch(() => []);
  return found.toSorted().map((name) => join(folder, name));
}

async function stampOf(path: string): Promise<string | undefined> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined || !facts.isFile()) return undefined;
  return `${path} ${facts.size} ${facts.mtimeMs}`;
}

interface Asked {
  readonly stamp: string;
  readonly version: Promise<CodexVersion | undefined>;
}

/** What the programs have said, by their paths. */
const asked = new Map<string, Asked>();

/** A program is asked once. One that did not start or did not end may do so another time. */
function versionOf(
  program: string,
  stamp: string,
  env: Environment,
): Promise<CodexVersion | undefined> {
  const known = asked.get(program);
  if (known?.stamp === stamp) return known.version;
  const run = runCodex(program, ['--version'], { env, timeoutMs: 10_000 });
  const version = run.then((ended) => {
    if (ended.ok) return versionIn(ended.stdout);
    if (asked.get(program)?.version === version) asked.delete(program);
    return undefined;
  });
  asked.set(program, { stamp, version });
  return version;
}
