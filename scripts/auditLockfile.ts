// Checks what `npm ci` would install: every package has a checksum or is an optional build for
// another platform, none comes from elsewhere than the registry, and only those that package.json
// names in `allowScripts` run a script. Versions in package.json are exact.
import './requireNode.mjs';
import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';

const lockfile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.optional(z.string()),
      resolved: z.optional(z.string()),
      integrity: z.optional(z.string()),
      optional: z.optional(z.boolean()),
      os: z.optional(z.array(z.string())),
      hasInstallScript: z.optional(z.boolean()),
    }),
  ),
});

const manifest = z.object({
  dependencies: z.optional(z.record(z.string(), z.string())),
  devDependencies: z.optional(z.record(z.string(), z.string())),
  allowScripts: z.optional(z.record(z.string(), z.boolean())),
});

const read = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8'));

type Entry = z.infer<typeof lockfile>['packages'][string];

/** What is wrong with one package of a lockfile, going on from its name. */
function flaws(entry: Entry, mayRunScript: boolean): readonly string[] {
  const { integrity, resolved } = entry;
  const forAnotherPlatform = entry.optional === true && entry.os !== undefined;
  const scripted = entry.hasInstallScript === true && !mayRunScript;
  return [
    ...(resolved?.startsWith('https://') === false ? ['does not come from a registry'] : []),
    ...(integrity === undefined && !forAnotherPlatform ? ['has no checksum'] : []),
    ...(integrity?.startsWith('sha512-') === false ? ['has a weak checksum'] : []),
    ...(scripted ? ['runs a script when installed, which "allowScripts" does not name'] : []),
  ];
}

function audit(folder: string): readonly string[] {
  const { packages } = lockfile.parse(read(`${folder}package-lock.json`));
  const { allowScripts = {}, ...wanted } = manifest.parse(read(`${folder}package.json`));
  const pinned = Object.entries({ ...wanted.dependencies, ...wanted.devDependencies });
  return [
    ...Object.entries(packages).flatMap(([path, entry]) => {
      if (path === '') return [];
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      return flaws(entry, allowScripts[name] === true).map((flaw) => `${name} ${flaw}.`);
    }),
    ...pinned.flatMap(([name, version]) => {
      const locked = packages[`node_modules/${name}`]?.version;
      return locked === version ? [] : [`${name} is pinned to ${version}, but locked ${locked}.`];
    }),
  ].map((problem) => `${folder}package-lock.json: ${problem}`);
}

const problems = [...audit(''), ...audit('test/vscode/')];
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
