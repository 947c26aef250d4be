/**
 * Checks what the Responses protocol code writes: against OpenAI's and Open Responses' JSON Schemas
 * where the shared folder is found, and always against the grammar of a stream that these
 * functions know by themselves.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { isRecord, type JsonRecord } from './json.ts';

const shared = resolve(process.env['OPENCODEX_SHARED'] ?? '../shared');
const openai = load('openai');
const openResponses = load('openresponses');

/** `false` in a bare clone: only the own checks apply. */
export const schemasFound = openai !== undefined && openResponses !== undefined;
if (!schemasFound) console.log('schemas: 0 of 2, own structural checks only');

/** Reads an event stream as a client would, checks every event and their order, and gives their data. */
export function assertValidEvents(sse: string): JsonRecord[] {
  const events = parseSse(sse);
  for (const event of events) {
    const type = text(event, 'type');
    validate(openai, type, event, false);
    const plain = withoutExtensions(event);
    if (plain !== undefined) validate(openResponses, type, plain, false);
  }
  assertGrammar(events);
  return events;
}

/** Checks a Response object. */
export function assertValidResponse(response: unknown): asserts response is JsonRecord {
  assert.ok(isRecord(response));
  assert.equal(response['object'], 'response');
  assertUsage(response['usage']);
  validate(openai, 'Response', response, true);
  validate(openResponses, 'ResponseResource', plainResponse(response), true);
}

export function parseSse(sse: string): JsonRecord[] {
  if (sse === '') return [];
  assert.ok(sse.endsWith('\n\n'), 'the stream ends within an event');
  return sse
    .slice(0, -2)
    .split('\n\n')
    .map((frame) => {
      const match = /^event: ([^\n]+)\ndata: ([^\n]+)$/.exec(frame);
      assert.ok(match, `not an event: ${frame}`);
      const data: unknown = JSON.parse(match[2] ?? '');
      assert.ok(isRecord(data));
      assert.equal(data['type'], match[1]);
      assert.ok(
        (match[2] ?? '').isWellFormed() &&
          !/(?<!\\)(?:\\\\)*\\ud[89a-f][0-9a-f]{2}/i.test(match[2] ?? ''),
        'lone surrogate',
      );
      return data;
    });
}

interface Schemas {
  readonly ajv: Ajv;
  readonly events: JsonRecord;
  readonly compiled: Map<string, ValidateFunction>;
}

function load(name: string): Schemas | undefined {
  const path = resolve(shared, 'schemas', `${name}.schema.json`);
  if (!existsSync(path)) return undefined;
  const file: unknown = JSON.parse(readFileSync(path, 'utf8'));
  assert.ok(isRecord(file) && isRecord(file['events']));
  const ajv = new Ajv({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'api', $defs: file['$defs'] });
  return { ajv, events: file['events'], compiled: new Map() };
}

function validate(
  schemas: Schemas | undefined,
  name: string,
  value: unknown,
  isObject: boolean,
): void {
  if (schemas === undefined) return;
  const definition = isObject ? name : schemas.events[name];
  assert.equal(typeof definition, 'string', `the schema knows no event "${name}"`);
  let check = schemas.compiled.get(String(definition));
  if (check === undefined) {
    check = schemas.ajv.compile({ $ref: `api#/$defs/${String(definition)}` });
    schemas.compiled.set(String(definition), check);
  }
  assert.ok(
    check(value),
    `${name}: ${schemas.ajv.errorsText(check.errors)}\n${JSON.stringify(value)}`,
  );
}

/** Open Responses has only these items and tools; OpenAI's others are extensions of it. */
const plainItems = new Set(['message', 'function_call', 'reasoning', 'compaction']);
const extensionEvents = /^response\.(?:custom_tool_call_input|reasoning_text)\./;
const knownEfforts = new Set(['none', 'low', 'medium', 'high', 'xhigh']);

/** The event as far as Open Responses defines it; `undefined`: not at all. */
function withoutExtensions(event: JsonRecord): JsonRecord | undefined {
  if (extensionEvents.test(text(event, 'type'))) return undefined;
  const { item, response } = event;
  if (isRecord(item) && !plainItems.has(text(item, 'type'))) return undefined;
  return isRecord(response) ? { ...event, response: plainResponse(response) } : event;
}

function plainResponse(response: JsonRecord): JsonRecord {
  const { reasoning, text: format, output, tools } = response;
  assert.ok(
    isRecord(reasoning) && isRecord(format) && Array.isArray(output) && Array.isArray(tools),
  );
  const schema = isRecord(format['format']) && format['format']['type'] === 'json_schema';
  return {
    ...response,
    output: output.filter((item) => isRecord(item) && plainItems.has(text(item, 'type'))),
    tools: tools.filter((tool) => isRecord(tool) && tool['type'] === 'function'),
    reasoning: knownEfforts.has(String(reasoning['effort']))
      ? reasoning
      : { ...reasoning, effort: null },
    // Its JSON Schema allows no schema but null there, which can only be a slip.
    text:
      schema && isRecord(format['format'])
        ? { ...format, format: { ...format['format'], schema: null } }
        : format,
  };
}

const terminal = new Set(['response.completed', 'response.incomplete', 'response.failed']);

function assertGrammar(events: readonly JsonRecord[]): void {
  assert.deepEqual(
    events.slice(0, 2).map((event) => event['type']),
    ['response.created', 'response.in_progress'],
  );
  const ids = new Set<unknown>();
  const done: unknown[] = [];
  let open: Open | undefined;
  let index = -1;
  for (const [number, event] of events.entries()) {
    const type = text(event, 'type');
    assert.equal(event['sequence_number'], number);
    assert.equal(
      terminal.has(type),
      number === events.length - 1 && terminal.has(type),
      'an end in the middle',
    );
    if (type === 'response.output_item.added') {
      assert.ok(open === undefined || open.isCall, 'an item opens inside of another');
      index += 1;
      assert.equal(event['output_index'], index);
      open = opened(event['item'], ids);
    } else if (type === 'response.output_item.done') {
      assert.ok(open, 'an item is done that was never added');
      assert.equal(event['output_index'], index);
      assertDone(open, event['item']);
      done.push(event['item']);
      open = undefined;
    } else if ('item_id' in event) {
      assert.ok(open, `${type} outside of an item`);
      assert.equal(event['item_id'], open.id);
      assert.equal(event['output_index'], index);
      follow(open, type, event);
    } else if (isRecord(event['response'])) {
      assertUsage(event['response']['usage']);
      assert.deepEqual(event['response']['output'], done);
    }
  }
  const last = events.at(-1);
  if (last !== undefined && last['type'] === 'response.completed')
    assert.equal(open?.isCall ?? true, true, 'an item is never done');
}

interface Open {
  readonly id: unknown;
  readonly isCall: boolean;
  /** Deltas since the part began. */
  streamed: string;
  readonly parts: string[];
}

function opened(item: unknown, ids: Set<unknown>): Open {
  assert.ok(isRecord(item));
  for (const id of [item['id'], item['call_id']]) {
    if (id === undefined) continue;
    assert.ok(
      typeof id === 'string' && id !== '' && !ids.has(id),
      `the id ${String(id)} is not unique`,
    );
    ids.add(id);
  }
  return { id: item['id'], isCall: 'call_id' in item, streamed: '', parts: [] };
}

function follow(open: Open, type: string, event: JsonRecord): void {
  if (type.endsWith('.delta')) {
    assert.notEqual(event['delta'], '');
    open.streamed += text(event, 'delta');
  } else if (type.endsWith('text.done')) {
    assert.equal(event['text'], open.streamed);
    open.parts.push(open.streamed);
    open.streamed = '';
  }
}

function assertDone(open: Open, item: unknown): void {
  assert.ok(isRecord(item));
  assert.equal(item['id'], open.id);
  const parts = [item['content'], item['summary']].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  assert.deepEqual(
    parts.map((part) => isRecord(part) && part['text']),
    open.parts,
  );
  if (item['type'] === 'function_call') assert.equal(typeof item['arguments'], 'string');
  if (item['type'] === 'custom_tool_call') assert.equal(typeof item['input'], 'string');
  if (item['type'] === 'tool_search_call')
    assert.ok(item['execution'] === 'client' && isRecord(item['arguments']));
}

/** Codex drops a whole answer whose usage lacks one of these. */
function assertUsage(usage: unknown): void {
  if (usage === null) return;
  assert.ok(
    isRecord(usage) &&
      isRecord(usage['input_tokens_details']) &&
      isRecord(usage['output_tokens_details']),
  );
  for (const count of [
    usage['input_tokens'],
    usage['output_tokens'],
    usage['total_tokens'],
    usage['input_tokens_details']['cached_tokens'],
    usage['output_tokens_details']['reasoning_tokens'],
  ])
    assert.ok(Number.isInteger(count));
}

function text(record: JsonRecord, key: string): string {
  const value = record[key];
  assert.equal(typeof value, 'string', `"${key}" is no string`);
  return String(value);
}
