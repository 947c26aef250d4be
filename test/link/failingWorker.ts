import { parentPort } from 'node:worker_threads';
import '../../src/worker.ts';

// The proxy's thread, with a fault that nobody catches.
parentPort?.on('message', (message) => {
  if (message === 'fail') throw new Error('out of luck with Bearer abcdefghijkl');
});
