/** A process that replaces a file until it is killed; run by atomicWrite.test.ts. */
import { writeFileAtomic } from '../../src/files/atomicWrite.ts';

const [path = ''] = process.argv.slice(2);
process.send?.('ready');
for (let n = 0; ; n++) {
  await writeFileAtomic(path, `${n % 10}`.repeat(200_000), { mode: 0o600 });
}
