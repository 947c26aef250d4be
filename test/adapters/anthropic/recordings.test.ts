import assert from 'node:assert/strict';
import { anthropic } from '../../../src/adapters/anthropic/adapter.ts';
import { readAnthropicStream, readAnthropicWhole } from '../../support/anthropicRecordings.ts';
import { testRecordings } from '../recordingSuite.ts';
import { claude } from '../target.ts';
import { readingOf } from './reading.ts';

testRecordings({
  name: 'anthropic',
  adapter: anthropic,
  target: claude(),
  truth: ({ kind }, bytes) =>
    kind === 'stream' ? readAnthropicStream(bytes) : readAnthropicWhole(bytes),
  reading: readingOf,
  checkError({ kind, message }) {
    assert.equal(kind, 'auth');
    assert.match(message, /^Acme refused the key \(401: invalid x-api-key\)\. .+\.$/);
  },
});
