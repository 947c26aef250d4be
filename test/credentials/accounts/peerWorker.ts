/**
 * `ocx` 2.63 asks for a token once it is told to; run with its own runtime by processes.test.ts.
 * <peerWorker.ts> <its package> <provider>
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder = '', provider = ''] = process.argv.slice(2);
const { getValidAccessToken } = await import(
  pathToFileURL(join(folder, 'src', 'oauth', 'index.ts')).href
);

process.send?.('ready');
process.once('message', async () => {
  try {
    process.send?.({ token: await getValidAccessToken(provider) });
  } catch (thrown) {
    process.send?.({ error: String(thrown) });
  }
  process.disconnect();
});
