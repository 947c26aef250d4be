import assert from 'node:assert/strict';
import { google } from '../../../src/adapters/google/adapter.ts';
import { readGeminiStream, readGeminiWhole } from '../../support/geminiRecordings.ts';
import { testRecordings } from '../recordingSuite.ts';
import { gemini } from '../target.ts';
import { readingOf } from './reading.ts';

testRecordings({
  name: 'gemini',
  adapter: google,
  target: gemini(),
  truth({ kind }, bytes) {
    const { replay: _, ...truth } =
      kind === 'stream' ? readGeminiStream(bytes) : readGeminiWhole(bytes);
    return truth;
  },
  reading: readingOf,
  checkError({ kind, message }) {
    assert.equal(kind, 'unknown_model');
    assert.match(message, /^Acme does not know the model .+ \(404: models\/.+\)\. .+\.$/);
  },
});
