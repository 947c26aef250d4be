import { parentPort } from 'node:worker_threads';
import { serveCodec } from './proxy/codecWorker.ts';

/** The thread for large requests. */
if (parentPort !== null) serveCodec(parentPort);
