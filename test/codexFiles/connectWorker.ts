/** A process that connects and disconnects Codex until it is killed; run by realCodex.test.ts. */
import { type ConnectOptions, connectCodex, disconnectCodex } from '../../src/codex/connect.ts';

const options: ConnectOptions = JSON.parse(process.argv[2] ?? '');
process.send?.('ready');
for (;;) {
  await connectCodex(options);
  await disconnectCodex(options);
}
