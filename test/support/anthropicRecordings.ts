import { at, isRecord, type JsonRecord, listOf } from './json.ts';

/**
 * What an answer of the Messages API says, read after
 * https://platform.claude.com/docs/en/build-with-claude/streaming and
 * https://platform.claude.com/docs/en/api/messages/create, in the plainest way: the stream is put
 * together to the message that it stands for, then the message is read.
 */
export interface AnthropicReading {
  readonly text: string;
  readonly thinking: string;
  /** Thinking blocks, to be given back as they are. */
  readonly kept: readonly unknown[];
  readonly calls: readonly {
    readonly id: string;
    readonly name: string;
    readonly arguments: string;
  }[];
  readonly usage:
    | {
        readonly input: number;
        readonly output: number;
        readonly cached: number;
        readonly written: number;
        readonly thinking: number;
      }
    | undefined;
  readonly end: 'stop' | 'length' | 'pause' | 'context' | 'error' | 'cut';
}

/** A message, and how its stream ended: `undefined` at its own end. */
interface Assembled {
  readonly message: JsonRecord;
  readonly broken: 'error' | 'cut' | undefined;
}

export function readAnthropicStream(bytes: Uint8Array): AnthropicReading {
  const lines = new TextDecoder().decode(bytes).split(/\r\n|\n|\r/);
  const events = lines
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice('data:'.length).trim())
    .filter((data) => data !== '' && data !== '[DONE]')
    .map((data): unknown => JSON.parse(data));
  const { message, broken } = assemble(events);
  return readMessage(message, broken);
}

export function readAnthropicWhole(bytes: Uint8Array): AnthropicReading {
  const message: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (!isRecord(message)) throw new Error('the answer is no object');
  return readMessage(message, message['type'] === 'message' ? undefined : 'error');
}

function assemble(events: readonly unknown[]): Assembled {
  const content: Record<string, unknown>[] = [];
  let message: JsonRecord = {};
  for (const event of events) {
    const type = at(event, 'type');
    const spliced = message['id'] !== undefined && at(event, 'message', 'id') !== message['id'];
    if (type === 'error' || (type === 'message_start' && spliced)) {
      return { message: { ...message, content }, broken: 'error' };
    }
    switch (type) {
      case 'message_start':
        message = recordAt(event, 'message');
        break;
      case 'content_block_start':
        content[Number(at(event, 'index'))] = { ...recordAt(event, 'content_block') };
        break;
      case 'content_block_delta':
        grow(content[Number(at(event, 'index'))] ?? {}, recordAt(event, 'delta'));
        break;
      case 'message_delta': {
        const usage = { ...recordAt(message, 'usage'), ...withoutNull(recordAt(event, 'usage')) };
        message = { ...message, ...recordAt(event, 'delta'), usage };
        break;
      }
      case 'message_stop':
        return { message: { ...message, content }, broken: undefined };
    }
  }
  return { message: { ...message, content }, broken: 'cut' };
}

function recordAt(value: unknown, key: string): JsonRecord {
  const found = at(value, key);
  return isRecord(found) ? found : {};
}

function withoutNull(counts: JsonRecord): JsonRecord {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== null));
}

function grow(block: Record<string, unknown>, delta: JsonRecord): void {
  for (const key of ['text', 'thinking', 'signature', 'partial_json']) {
    if (typeof delta[key] === 'string') block[key] = `${block[key] ?? ''}${delta[key]}`;
  }
}

const ends: Readonly<Record<string, AnthropicReading['end']>> = {
  max_tokens: 'length',
  pause_turn: 'pause',
  model_context_window_exceeded: 'context',
};

function readMessage(message: JsonRecord, broken: Assembled['broken']): AnthropicReading {
  const blocks = listOf(message['content']).filter(isRecord);
  const of = (...types: readonly string[]): readonly JsonRecord[] =>
    blocks.filter((block) => types.includes(String(block['type'])));
  const { usage } = message;
  const refused = message['stop_reason'] === 'refusal';
  const end = broken ?? ends[String(message['stop_reason'])] ?? 'stop';
  const explanation = refused ? String(at(message, 'stop_details', 'explanation') ?? '') : '';
  return {
    text: [...texts(blocks), explanation].join(''),
    thinking: of('thinking')
      .map((block) => block['thinking'])
      .join(''),
    kept: of('thinking', 'redacted_thinking')
      .filter(
        (block) =>
          (block['signature'] !== '' && block['signature'] !== undefined) || 'data' in block,
      )
      .map(({ type, thinking, signature, data }) =>
        type === 'thinking' ? { type, thinking, signature } : { type, data },
      ),
    calls: end !== 'stop' && end !== 'pause' ? [] : of('tool_use').map(callOf),
    usage: isRecord(usage) ? countsOf(usage) : undefined,
    end,
  };
}

/** Texts that stand side by side belong together; white space alone is no text. */
function texts(blocks: readonly JsonRecord[]): readonly string[] {
  const groups: string[] = [''];
  for (const { type, text } of blocks) {
    if (type === 'text') groups.push(`${groups.pop() ?? ''}${text}`);
    else groups.push('');
  }
  return groups.filter((group) => group.trim() !== '');
}

function callOf(block: JsonRecord): AnthropicReading['calls'][number] {
  const streamed = block['partial_json'];
  return {
    id: String(block['id']),
    name: String(block['name']),
    arguments:
      typeof streamed === 'string' && streamed !== '' ? streamed : JSON.stringify(block['input']),
  };
}

function countsOf(usage: JsonRecord): AnthropicReading['usage'] {
  const count = (value: unknown): number => (typeof value === 'number' ? value : 0);
  const cached = count(usage['cache_read_input_tokens']);
  const written = count(usage['cache_creation_input_tokens']);
  return {
    input: count(usage['input_tokens']) + cached + written,
    output: count(usage['output_tokens']),
    cached,
    written,
    thinking: count(at(usage, 'output_tokens_details', 'thinking_tokens')),
  };
}
