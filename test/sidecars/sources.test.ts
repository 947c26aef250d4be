import assert from 'node:assert/strict';
import { test } from 'node:test';
import { searchTrail } from '../../src/sidecars/sources.ts';

const cited = { url: 'https://example.com/cited', title: 'Cited' };
const found = { url: 'https://example.com/found', title: 'Found' };

test('what an answer cites comes before what was only found, whoever answers', () => {
  const answers = {
    anthropic: [
      {
        content_block: {
          content: [{ type: 'web_search_result', ...found, encrypted_content: 'x' }],
        },
      },
      { delta: { citation: { type: 'web_search_result_location', ...cited } } },
    ],
    openrouter: [
      { delta: { annotations: [{ type: 'url_citation', url_citation: cited }, found] } },
    ],
    openai: [
      { results: [found], content: [{ annotations: [{ type: 'url_citation', ...cited }] }] },
    ],
  };
  for (const [who, payloads] of Object.entries(answers)) {
    assert.deepEqual(searchTrail(payloads).sources, [cited, found], who);
  }
  const chunks = [{ web: { uri: found.url, title: found.title } }];
  const gemini = [{ candidates: [{ groundingMetadata: { groundingChunks: chunks } }] }];
  assert.deepEqual(searchTrail(gemini).sources, [found]);
});

test('each page is there once, and addresses that are none of the web are left out', () => {
  const { sources } = searchTrail([
    [cited, { type: 'url_citation', ...cited }, { url: 'javascript:alert(1)', title: 'x' }],
    [{ url: 'https://example.com/untitled' }, { url: 7, title: 'x' }],
    Array.from({ length: 50 }, (_, n) => ({ url: `https://example.com/${n}`, title: `${n}` })),
  ]);
  assert.equal(sources.length, 20);
  assert.deepEqual(sources[0], cited);
});

test('a search that failed in a good answer is told', () => {
  const error = { type: 'web_search_tool_result_error', error_code: 'too_many_requests' };
  assert.equal(searchTrail([{ content_block: { content: error } }]).failure, 'too_many_requests');
  const call = { type: 'web_search_call', status: 'failed' };
  assert.equal(searchTrail([{ item: call }]).failure, 'failed');
  assert.equal(searchTrail([{ item: { ...call, status: 'completed' } }]).failure, undefined);
});

test('an answer that is nested without end is not followed to it', () => {
  let deep: object = { url: cited.url, title: cited.title };
  for (let depth = 0; depth < 50; depth += 1) deep = { deep };
  assert.deepEqual(searchTrail([JSON.parse(JSON.stringify(deep))]).sources, []);
});
