import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { peekRequest } from '../../src/responses/peek.ts';
import { decodeRequest } from '../../src/responses/request.ts';
import { isRecord, type JsonRecord } from '../support/json.ts';
import { bytesOf, target } from './samples.ts';
import { assertWellFormed } from './wellFormed.ts';

const folder = resolve(process.env['OPENCODEX_SHARED'] ?? '../shared', 'reference/codex-captures');
const files = existsSync(folder)
  ? readdirSync(folder).filter((name) => name.endsWith('.json'))
  : [];
const bodies = files.flatMap((name): [string, JsonRecord][] => {
  const capture: unknown = JSON.parse(readFileSync(resolve(folder, name), 'utf8'));
  return isRecord(capture) && isRecord(capture['body']) ? [[name, capture['body']]] : [];
});
console.log(`captures: ${bodies.length} requests with a body of 239`);

const items = (body: JsonRecord) =>
  Array.isArray(body['input']) ? body['input'].filter(isRecord) : [];
const decode = (body: JsonRecord) => {
  const result = decodeRequest(bytesOf(body), target);
  assert.ok(result.ok, result.ok ? '' : result.error.message);
  return result;
};
/** Some WebSocket captures hold only what is new, or nothing yet. */
const complete = bodies.filter(
  ([, body]) => !('previous_response_id' in body) && items(body).length > 0,
);

function textsOf(item: JsonRecord): unknown[] {
  const parts = Array.isArray(item['content']) && item['type'] === 'message' ? item['content'] : [];
  return [item['output'], ...parts.filter(isRecord).map((part) => part['text'])];
}

describe('requests of the real Codex', {
  skip: bodies.length === 0 && 'the captures are not here',
}, () => {
  it('are well formed for any provider', () => {
    for (const [name, body] of complete) {
      const { turn, reply } = decode(body);
      try {
        assertWellFormed(turn, reply);
      } catch (error) {
        throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        });
      }
    }
  });

  it('that continue on a server’s memory are refused with a sentence', () => {
    for (const [, body] of bodies.filter(([, one]) => 'previous_response_id' in one)) {
      const result = decodeRequest(bytesOf(body), target);
      assert.match(result.ok ? '' : result.error.message, /"previous_response_id" cannot be used/);
    }
  });

  it('are peeked as they are parsed', () => {
    for (const [name, body] of bodies) {
      const result = peekRequest(bytesOf(body));
      assert.ok(result.ok, name);
      assert.deepEqual([result.peek.model, result.peek.stream], [body['model'], body['stream']]);
    }
  });

  it('keep every call, its output and every text', () => {
    for (const [name, body] of complete) {
      const { turn } = decode(body);
      const all = JSON.stringify(turn.messages);
      const ids = turn.tools.length === 0 ? [] : items(body).map((item) => item['call_id']);
      for (const wanted of [...ids, ...items(body).flatMap(textsOf)])
        if (typeof wanted === 'string' && wanted.trim() !== '' && !wanted.includes('GPT-'))
          assert.ok(
            all.includes(JSON.stringify(wanted).slice(1, -1)),
            `${name}: ${wanted} is lost`,
          );
    }
  });

  it('offer every declared tool but the hosted ones, and lead back to it', () => {
    for (const [, body] of complete) {
      const { turn, reply } = decode(body);
      const declared = [
        body['tools'],
        ...items(body)
          .filter((item) => item['type'] !== 'message')
          .map((item) => item['tools']),
      ]
        .flatMap((list) => (Array.isArray(list) ? list.filter(isRecord) : []))
        .filter((tool) => tool['type'] !== 'web_search')
        .flatMap((tool) =>
          tool['type'] === 'namespace' && Array.isArray(tool['tools'])
            ? tool['tools']
                .filter(isRecord)
                .map((inner) => [tool['name'], inner['name'], inner['type']])
            : [[undefined, tool['name'] ?? tool['type'], tool['type']]],
        );
      const offered = turn.tools.map((tool) => {
        const origin = reply.tools[tool.name];
        return [
          origin?.kind === 'tool_search' ? undefined : origin?.namespace,
          origin?.name,
          origin?.kind,
        ];
      });
      assert.deepEqual(new Set(offered.map(String)), new Set(declared.map(String)));
    }
  });

  it('of one conversation share every byte that came before', () => {
    for (let at = 1; at <= 12; at += 1) {
      const [before, after] = [at - 1, at].map(
        (n) =>
          bodies.find(([name]) => name === `multi-tool.${String(n).padStart(2, '0')}.json`)?.[1],
      );
      assert.ok(before && after);
      const [first, second] = [decode(before).turn, decode(after).turn];
      assert.equal(JSON.stringify(second.tools), JSON.stringify(first.tools));
      const prefix = JSON.stringify(first.messages).slice(0, -1);
      assert.equal(JSON.stringify(second.messages).slice(0, prefix.length), prefix);
    }
  });
});
