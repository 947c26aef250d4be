// What the bundles hold of other people's work: docs/dependencies.md must give the reason for each
// package, and the VSIX carries each one's licence.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Licences that may be bundled into an MIT program. */
const allowed = new Set(['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD']);

const documentation = 'docs/dependencies.md';
const notices = 'dist/ThirdPartyNotices.txt';

/** Writes the notices for these builds' packages; gives what is wrong with them, as sentences. */
export function writeThirdPartyNotices(metafiles) {
  const packages = bundledPackages(metafiles);
  const problems = packages.flatMap(({ name, license, text }) => [
    ...(allowed.has(license) ? [] : [`${name}: its licence, ${license}, is not one we bundle.`]),
    ...(text === undefined ? [`${name}: it brings no licence text.`] : []),
  ]);
  const documented = documentedPackages();
  const names = packages.map(({ name }) => name);
  for (const name of names) {
    if (!documented.includes(name)) problems.push(`${name}: ${documentation} does not say why.`);
  }
  for (const name of documented) {
    if (!names.includes(name)) problems.push(`${name}: in ${documentation}, but not bundled.`);
  }
  const parts = packages.map(
    ({ name, version, license, text }) => `${name} ${version} (${license})\n\n${text?.trim()}`,
  );
  const opening = 'OpenCodex contains the following packages, each under its own licence.';
  writeFileSync(notices, `${[opening, ...parts].join(`\n\n${'-'.repeat(72)}\n\n`)}\n`);
  return problems;
}

function bundledPackages(metafiles) {
  const folders = new Set();
  for (const { inputs } of metafiles) {
    for (const path of Object.keys(inputs)) {
      const folder = path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0];
      if (folder !== undefined) folders.add(folder);
    }
  }
  return [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? undefined : readFileSync(`${folder}/${file}`, 'utf8');
    return { name, version, license, text };
  });
}

/** The first cell of each row of the table of bundled packages. */
function documentedPackages() {
  const [, table = ''] = readFileSync(documentation, 'utf8').split('## In the bundles');
  const [rows] = table.split('\n## ');
  return [...rows.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
}
