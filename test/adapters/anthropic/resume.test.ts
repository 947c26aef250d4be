import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resume } from '../../../src/adapters/anthropic/resume.ts';

const asked = {
  url: 'https://api.anthropic.com/v1/messages',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ model: 'm', tools: [{}], messages: [{ role: 'user', content: 'q' }] }),
  additions: [],
};
const page = { type: 'web_search_result', url: 'https://a.test', encrypted_content: 'Eo8BCi==' };
const citation = {
  type: 'web_search_result_location',
  url: 'https://a.test',
  encrypted_index: 'x',
};
const content = [
  { type: 'thinking', thinking: 'Two searches.', signature: 'sig==' },
  { type: 'text', text: 'One moment.', citations: [citation] },
  { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'näh' } },
  { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [page] },
];

const start = (index: number, content_block: object) => ({
  type: 'content_block_start',
  index,
  content_block,
});
const delta = (index: number, fields: object) => ({
  type: 'content_block_delta',
  index,
  delta: fields,
});
const stream = [
  { type: 'message_start', message: { content: [] } },
  start(0, { type: 'thinking', thinking: '', signature: '' }),
  delta(0, { type: 'thinking_delta', thinking: 'Two ' }),
  delta(0, { type: 'thinking_delta', thinking: 'searches.' }),
  delta(0, { type: 'signature_delta', signature: 'sig==' }),
  start(1, { type: 'text', text: '', citations: [] }),
  delta(1, { type: 'citations_delta', citation }),
  delta(1, { type: 'text_delta', text: 'One moment.' }),
  start(2, { ...content[2], input: {} }),
  delta(2, { type: 'input_json_delta', partial_json: '{"query":' }),
  delta(2, { type: 'input_json_delta', partial_json: '"näh"}' }),
  start(3, content[3] ?? {}),
  // Such a block is refused when it comes back.
  start(4, { type: 'text', text: '' }),
  { type: 'message_delta', delta: { stop_reason: 'pause_turn' } },
]
  .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  .join('');

for (const [form, answer] of [
  ['a stream', stream],
  ['one piece', JSON.stringify({ type: 'message', content, stop_reason: 'pause_turn' })],
] as const) {
  test(`a paused answer in ${form} goes back as it came`, () => {
    const next = resume(asked, answer);
    assert.deepEqual({ ...next, body: '' }, { ...asked, body: '' });
    assert.deepEqual(JSON.parse(next?.body ?? ''), {
      model: 'm',
      tools: [{}],
      messages: [
        { role: 'user', content: 'q' },
        { role: 'assistant', content },
      ],
    });
  });
}

test('an answer of which there is nothing does not go on', () => {
  for (const answer of ['', 'event: ping\ndata: {"type":"ping"}\n\n', '{}', '<html>']) {
    assert.equal(resume(asked, answer), undefined, answer);
  }
});
