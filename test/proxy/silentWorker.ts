import { parentPort } from 'node:worker_threads';

// A codec thread that takes every job and never answers.
parentPort?.on('message', () => {});
