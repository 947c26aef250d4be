// Makes src/responses/stringScanModule.ts of stringScan.wat; with --check it only says whether it is
// up to date.
import './requireNode.mjs';
import { readFileSync, writeFileSync } from 'node:fs';
import loadWabt from 'wabt';

const folder = new URL('../src/responses/', import.meta.url);
const source = new URL('stringScan.wat', folder);
const target = new URL('stringScanModule.ts', folder);

const wabt = await loadWabt();
const parsed = wabt.parseWat('stringScan.wat', readFileSync(source, 'utf8'), { simd: true });
parsed.validate();
const { buffer } = parsed.toBinary({});
parsed.destroy();

const base64 = Buffer.from(buffer).toString('base64');
const text = `/** stringScan.wat as a WebAssembly module in Base64, written by scripts/generateStringScan.ts. */
export const stringScanModule =
  '${base64}';
`;

if (!process.argv.includes('--check')) writeFileSync(target, text);
else if (readFileSync(target, 'utf8') !== text) {
  console.error('src/responses/stringScanModule.ts is out of date. Run "npm run docs".');
  process.exitCode = 1;
}
