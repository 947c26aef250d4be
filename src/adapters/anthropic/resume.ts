import { isJsonObject, parseJson } from '../../turn/json.ts';
import type { Json, JsonObject } from '../../turn/turn.ts';
import type { EncodedRequest } from '../adapter.ts';
import { fieldOf, listOf, textOf } from '../json.ts';
import { SseReader } from '../sse.ts';

/**
 * The request with which an answer goes on that was paused in the middle of a server's tools: what
 * there is of it goes back as it came, signatures and encrypted results included.
 * https://platform.claude.com/docs/en/agents-and-tools/tool-use/server-tools
 */
export function resume(asked: EncodedRequest, answer: string): EncodedRequest | undefined {
  const body = parseJson(asked.body);
  const content = blocksOf(answer).filter(({ type, text }) => type !== 'text' || text !== '');
  if (!isJsonObject(body) || content.length === 0) return undefined;
  const messages = [...listOf(body['messages']), { role: 'assistant', content }];
  return { ...asked, body: JSON.stringify({ ...body, messages }) };
}

function blocksOf(answer: string): readonly JsonObject[] {
  const whole = parseJson(answer);
  if (whole !== undefined) return listOf(fieldOf(whole, 'content')).filter(isJsonObject);
  const reader = new SseReader();
  const blocks = new Map<Json | undefined, JsonObject>();
  const inputs = new Map<Json | undefined, string>();
  for (const data of [...reader.push(new TextEncoder().encode(answer)), ...reader.end()]) {
    const event = parseJson(data);
    const index = fieldOf(event, 'index');
    const start = fieldOf(event, 'content_block');
    if (isJsonObject(start)) blocks.set(index, start);
    const block = blocks.get(index);
    const delta = fieldOf(event, 'delta');
    if (block === undefined || !isJsonObject(delta)) continue;
    if (delta['type'] === 'input_json_delta') {
      inputs.set(index, (inputs.get(index) ?? '') + textOf(delta['partial_json']));
    } else {
      blocks.set(index, grown(block, delta));
    }
  }
  return [...blocks].map(([index, block]) => {
    const input = parseJson(inputs.get(index) ?? '');
    return isJsonObject(input) ? { ...block, input } : block;
  });
}

function grown(block: JsonObject, delta: JsonObject): JsonObject {
  const longer = (field: string): JsonObject => ({
    ...block,
    [field]: textOf(block[field]) + textOf(delta[field]),
  });
  switch (delta['type']) {
    case 'text_delta':
      return longer('text');
    case 'thinking_delta':
      return longer('thinking');
    case 'signature_delta':
      return longer('signature');
    case 'citations_delta':
      return {
        ...block,
        citations: [...listOf(block['citations']), fieldOf(delta, 'citation') ?? null],
      };
    default:
      return block;
  }
}
