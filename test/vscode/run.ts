// Runs the tests in a real VS Code: node test/vscode/run.ts [--write] [name of a test file …]
// The VSIX must be there: npm run test:vscode packages it before. --write brings docs/screens.md up to
// date; otherwise a run of all files fails where it is not.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { forgetRows, screensPage } from './screens.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '../..');
const vsix = process.env['VSIX'] ?? join(root, 'dist/opencodex.vsix');
// code-server installs under no other Node than its own version, and asks npm's environment for
// it: what the npm that runs this script has put there speaks of the machine's Node.
const env: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name))),
  PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
};

function run(command: string, args: readonly string[], cwd: string): void {
  const { status, error } = spawnSync(command, args, { cwd, env, stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync(vsix)) {
  console.error(`${vsix} is missing. Run: npm run package`);
  process.exit(1);
}
if (!existsSync(join(here, 'node_modules/code-server/out/node/entry.js'))) {
  console.log('Installing the editor. This happens once and takes some minutes.');
  run('npm', ['ci', '--no-audit', '--no-fund'], here);
}

const scratch = mkdtempSync(join(tmpdir(), 'opencodex-vsix-'));
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
// Extensions that stand beside ours.
const companions = ['threadKiller', 'modelFriend', 'hostBlocker'].map((folder) => ({
  folder: join(here, folder),
  vsix: join(scratch, `${folder}.vsix`),
}));
const vsce = join(root, 'node_modules/@vscode/vsce/vsce');
const flags = [
  '--no-dependencies',
  '--allow-missing-repository',
  '--skip-license',
  '--allow-star-activation',
];
for (const { folder, vsix: out } of companions) {
  run(process.execPath, [vsce, 'package', ...flags, '--out', out], folder);
}

env['OPENCODEX_TEST_VSIX'] = [vsix, ...companions.map((one) => one.vsix)].join('\n');
const write = process.argv.includes('--write');
const asked = process.argv.slice(2).filter((word) => word !== '--write');
const files = readdirSync(here)
  .filter((name) => name.endsWith('.e2e.ts'))
  .filter((name) => asked.length === 0 || asked.some((part) => name.includes(part)))
  .map((name) => join(here, name));
for (const file of files) forgetRows(file);
// One editor at a time: two would slow each other down.
run(process.execPath, ['--test', '--test-concurrency=1', ...files], root);

/** What README.md shows. */
const readmePictures = {
  'dashboard.png': 'openDashboard, overview, dark.png',
  'usage.png': 'openDashboard, usage, light.png',
};

const page = join(root, 'docs/screens.md');
if (write) {
  writeFileSync(page, screensPage());
  for (const [name, picture] of Object.entries(readmePictures)) {
    copyFileSync(join(here, 'screenshots', picture), join(root, 'docs/images', name));
  }
} else if (asked.length === 0 && readFileSync(page, 'utf8') !== screensPage()) {
  console.error('docs/screens.md is out of date. Run: npm run test:vscode -- --write');
  process.exit(1);
}
