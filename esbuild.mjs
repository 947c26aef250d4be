// Builds the bundles into dist/, with the notices of what they hold, and fails when one outgrows its
// budget.
//   node esbuild.mjs            minified, once
//   node esbuild.mjs --watch    readable, rebuilt on change
import './scripts/requireNode.mjs';
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import * as esbuild from 'esbuild';
import { writeThirdPartyNotices } from './scripts/thirdParty.mjs';

const watch = process.argv.includes('--watch');
const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

const kilobyte = 1024;

/** Bytes that each output may have; the VSIX is what users download and the host bundle what every start parses. */
const budgets = {
  'dist/extension.cjs': 30 * kilobyte,
  'dist/onDemand.cjs': 220 * kilobyte,
  'dist/worker.cjs': 900 * kilobyte,
  // Nothing but the way to the next: what it loads is compiled once for all starts.
  'dist/ocx.cjs': 12 * kilobyte,
  'dist/cli.cjs': 240 * kilobyte,
  // A thread of its own for large requests: with all of the worker's it would take 18 MB more.
  'dist/codec.cjs': 160 * kilobyte,
  'dist/uninstall.cjs': 40 * kilobyte,
  'dist/dashboard/main.js': 120 * kilobyte,
};

/** `ocx` loads the proxy from the worker's bundle instead of carrying a second copy. */
const workerStaysOutside = {
  name: 'worker-stays-outside',
  setup(build) {
    build.onResolve({ filter: /\/worker\.ts$/ }, () => ({ path: './worker.cjs', external: true }));
  },
};

/** The launcher of `ocx` is done before its commands are loaded. */
const commandsStayOutside = {
  name: 'commands-stay-outside',
  setup(build) {
    build.onResolve({ filter: /\/cli\.ts$/ }, () => ({ path: './cli.cjs', external: true }));
  },
};

/** What the start of the editor does not need is a file of its own, loaded at the first use. */
const onDemandStaysOutside = {
  name: 'on-demand-stays-outside',
  setup(build) {
    build.onResolve({ filter: /\/onDemand\.ts$/ }, () => ({
      path: './onDemand.cjs',
      external: true,
    }));
  },
};

/** undici's index also loads fetch, caches, mocks and web sockets; the proxy needs its dispatchers. */
const onlyDispatchers = {
  name: 'only-dispatchers',
  setup(build) {
    build.onResolve({ filter: /^undici$/ }, () => ({ path: 'undici', namespace: 'dispatchers' }));
    // HTTP/2 is never offered (`allowH2: false`).
    build.onResolve({ filter: /\/client-h2\.js$/ }, () => ({ path: 'h2', namespace: 'without' }));
    build.onLoad({ filter: /.*/, namespace: 'without' }, () => ({ contents: '' }));
    build.onLoad({ filter: /.*/, namespace: 'dispatchers' }, () => ({
      contents: `
        export { default as Agent } from 'undici/lib/dispatcher/agent.js';
        export { default as EnvHttpProxyAgent } from 'undici/lib/dispatcher/env-http-proxy-agent.js';
        export { default as buildConnector } from 'undici/lib/core/connect.js';
        import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
        import connect from 'undici/lib/api/api-connect.js';
        import request from 'undici/lib/api/api-request.js';
        // What undici's index adds to every dispatcher; a proxy's tunnel is opened with the former.
        Object.assign(Dispatcher.prototype, { connect, request });`,
      resolveDir: import.meta.dirname,
    }));
  },
};

const shared = {
  bundle: true,
  minify: !watch,
  sourcemap: watch ? 'linked' : false,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  define: { __OPENCODEX_VERSION__: JSON.stringify(version) },
};

// VS Code 1.110, our floor, runs extensions on Node 22.
const node = {
  ...shared,
  platform: 'node',
  format: 'cjs',
  target: 'node22',
  // jsonc-parser's CommonJS build requires its parts in a way that no bundler can follow.
  mainFields: ['module', 'main'],
  // Sources find their neighbours by import.meta.url, which CommonJS output does not have.
  banner: { js: 'const __importMetaUrl=require("node:url").pathToFileURL(__filename).href;' },
  define: { ...shared.define, 'import.meta.url': '__importMetaUrl' },
};

const bundles = [
  {
    ...node,
    entryPoints: ['src/extension.ts'],
    outfile: 'dist/extension.cjs',
    external: ['vscode'],
    plugins: [onDemandStaysOutside],
    // The editor gives its API to what is required, not to what is imported.
    supported: { 'dynamic-import': false },
  },
  {
    ...node,
    entryPoints: ['src/vscode/onDemand.ts'],
    outfile: 'dist/onDemand.cjs',
    external: ['vscode'],
  },
  {
    ...node,
    entryPoints: ['src/worker.ts'],
    outfile: 'dist/worker.cjs',
    plugins: [onlyDispatchers],
    // As in Node itself, undici's experimental parser stays out.
    define: { ...node.define, esbuildDetection: 'true' },
  },
  { ...node, entryPoints: ['src/codecThread.ts'], outfile: 'dist/codec.cjs' },
  { ...node, entryPoints: ['src/uninstall.ts'], outfile: 'dist/uninstall.cjs' },
  { ...node, entryPoints: ['src/cli/cli.ts'], outfile: 'dist/cli.cjs' },
  {
    ...node,
    entryPoints: ['src/ocx.ts'],
    outfile: 'dist/ocx.cjs',
    banner: { js: `#!/usr/bin/env node\n${node.banner.js}` },
    plugins: [commandsStayOutside, workerStaysOutside],
    // Node reads through a file of CommonJS that is imported to find its exports.
    supported: { 'dynamic-import': false },
  },
  {
    ...shared,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    // A browser also needs the colours that an editor gives its pages.
    entryPoints: ['src/dashboard/main.tsx', 'src/dashboard/browser.css'],
    outdir: 'dist/dashboard',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.ttf': 'file', '.woff': 'file' },
  },
];

function checkBudgets(results) {
  let over = 0;
  for (const { metafile } of results) {
    for (const [file, { bytes }] of Object.entries(metafile.outputs)) {
      const budget = budgets[file];
      if (budget === undefined) continue;
      const size = `${file}: ${(bytes / kilobyte).toFixed(1)} KB of ${budget / kilobyte} KB`;
      if (bytes <= budget) console.log(size);
      else {
        console.error(`${size}: over budget`);
        over += 1;
      }
    }
  }
  if (over > 0) process.exit(1);
}

/** What published catalogs know of models lies beside the bundles and is read when it is needed. */
function copyModels() {
  copyFileSync('src/providers/models.jsonl', 'dist/models.jsonl');
}

if (watch) {
  const contexts = await Promise.all(bundles.map((options) => esbuild.context(options)));
  await Promise.all(contexts.map((context) => context.watch()));
  copyModels();
  console.log('Watching for changes.');
} else {
  rmSync('dist', { recursive: true, force: true });
  const results = await Promise.all(bundles.map((options) => esbuild.build(options)));
  checkBudgets(results);
  copyModels();
  const problems = writeThirdPartyNotices(results.map(({ metafile }) => metafile));
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exit(1);
}
