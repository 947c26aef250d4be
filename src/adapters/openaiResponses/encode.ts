import { Additions } from '../../turn/additions.ts';
import { isJsonObject } from '../../turn/json.ts';
import type {
  AssistantMessage,
  ImagePart,
  Json,
  JsonObject,
  Message,
  TextPart,
  ToolMessage,
  Turn,
} from '../../turn/turn.ts';
import type { EncodedRequest } from '../adapter.ts';
import { shortCallId } from '../callIds.ts';
import { clampEffort } from '../effort.ts';
import { toolSchema } from '../schema/toolSchema.ts';
import type { Target } from '../target.ts';
import { responsesUrl } from './endpoint.ts';
import type { ResponsesQuirks } from './quirks.ts';

/** A turn for a Responses API that does not know Codex's tools: functions only, stateless. */
export function encodeResponses(turn: Turn, target: Target): EncodedRequest {
  const quirks = target.quirks.responses ?? {};
  const additions = new Additions();
  const leading = turn.messages.findIndex((message) => message.role !== 'system');
  const base = leading < 0 ? turn.messages.length : leading;
  const instructions = turn.messages
    .slice(0, base)
    .flatMap((message) => (message.role === 'system' ? message.content : []))
    .map((part) => part.text)
    .join('\n\n');
  const body = {
    model: turn.model,
    ...(instructions === '' ? {} : { instructions }),
    input: inputItems(turn.messages.slice(base), target, quirks, additions),
    stream: turn.stream,
    store: false,
    ...toolFields(turn),
    ...reasoningFields(turn, target, quirks),
    ...textFields(turn, quirks),
    ...optional('max_output_tokens', turn.maxOutputTokens),
    ...optional('temperature', turn.temperature),
    ...optional('top_p', turn.topP),
    ...optional('prompt_cache_key', turn.cacheKey),
    ...target.quirks.extraBody,
  };
  return {
    url:
      quirks.path === undefined
        ? responsesUrl(target.baseUrl, target.wire === 'azure' ? 'azure' : 'versioned')
        : `${target.baseUrl}${quirks.path}`,
    headers: {
      'content-type': 'application/json',
      accept: turn.stream ? 'text/event-stream' : 'application/json',
    },
    body: JSON.stringify(body),
    additions: additions.list,
  };
}

function inputItems(
  messages: readonly Message[],
  target: Target,
  quirks: ResponsesQuirks,
  additions: Additions,
): JsonObject[] {
  const parts = (content: readonly (TextPart | ImagePart)[]) =>
    inputParts(content, target, additions);
  const items: JsonObject[] = [];
  for (let at = 0; at < messages.length; at += 1) {
    const message = messages[at];
    if (message === undefined) continue;
    switch (message.role) {
      case 'system':
        items.push({
          type: 'message',
          role: quirks.systemRole ?? 'system',
          content: parts(message.content),
        });
        break;
      case 'user':
        items.push({ type: 'message', role: 'user', content: parts(message.content) });
        break;
      case 'assistant': {
        const results = resultsAfter(messages, at);
        at += results.length;
        items.push(...stepItems(message, results, target, quirks, additions));
        break;
      }
      case 'tool':
        items.push(resultItem(message, target, additions));
        break;
    }
  }
  return items;
}

function resultsAfter(messages: readonly Message[], at: number): readonly ToolMessage[] {
  const results: ToolMessage[] = [];
  for (const message of messages.slice(at + 1)) {
    if (message.role !== 'tool') break;
    results.push(message);
  }
  return results;
}

/** Hosts refuse anything between a call and its result, so all else goes before the first call. */
function stepItems(
  message: AssistantMessage,
  results: readonly ToolMessage[],
  target: Target,
  quirks: ResponsesQuirks,
  additions: Additions,
): JsonObject[] {
  const before: JsonObject[] = [];
  const calls: JsonObject[] = [];
  for (const part of message.content) {
    switch (part.type) {
      case 'text':
        before.push({
          type: 'message',
          role: 'assistant',
          content: [{ type: 'output_text', text: part.text, annotations: [] }],
        });
        break;
      case 'reasoning':
        if (isJsonObject(part.carry) && quirks.reasoningReplay !== 'none') {
          const place = quirks.resultsBesideCalls === true && calls.length > 0 ? calls : before;
          place.push({ type: 'reasoning', ...part.carry });
        }
        break;
      case 'tool_call': {
        calls.push({
          type: 'function_call',
          call_id: shortCallId(part.callId),
          name: part.name,
          arguments: part.arguments,
        });
        const result = results.find((candidate) => candidate.callId === part.callId);
        if (quirks.resultsBesideCalls === true && result !== undefined) {
          calls.push(resultItem(result, target, additions));
        }
        break;
      }
    }
  }
  const outputs =
    quirks.resultsBesideCalls === true
      ? []
      : results.map((result) => resultItem(result, target, additions));
  // What a thought led to must follow it.
  const step = [...before, ...calls];
  while (step.at(-1)?.['type'] === 'reasoning') step.pop();
  return [...step, ...outputs];
}

function resultItem(message: ToolMessage, target: Target, additions: Additions): JsonObject {
  const plain = message.content.every((part) => part.type === 'text');
  return {
    type: 'function_call_output',
    call_id: shortCallId(message.callId),
    output: plain
      ? message.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n')
      : inputParts(message.content, target, additions),
  };
}

function inputParts(
  parts: readonly (TextPart | ImagePart)[],
  target: Target,
  additions: Additions,
): JsonObject[] {
  return parts.map((part) => {
    if (part.type === 'text') return { type: 'input_text', text: part.text };
    if (target.traits.vision === false) {
      return { type: 'input_text', text: additions.add('attachment', imageMarker) };
    }
    // Only OpenAI knows `original`.
    const detail = part.detail === 'original' ? 'high' : (part.detail ?? 'auto');
    return { type: 'input_image', image_url: part.url, detail };
  });
}

const imageMarker = '[An image was here. This model cannot see images.]';

function toolFields(turn: Turn): JsonObject {
  if (turn.tools.length === 0) return {};
  return {
    tools: turn.tools.map((tool) => ({
      type: 'function',
      name: tool.name,
      description: tool.description,
      parameters: toolSchema(tool.parameters, 'objectRoot'),
      strict: tool.strict,
    })),
    tool_choice: toolChoice(turn),
    ...optional('parallel_tool_calls', turn.parallelToolCalls),
  };
}

function toolChoice(turn: Turn): Json {
  const choice = turn.toolChoice;
  return choice.type === 'tool' ? { type: 'function', name: choice.name } : choice.type;
}

function reasoningFields(turn: Turn, target: Target, quirks: ResponsesQuirks): JsonObject {
  if (target.traits.reasoning === false) return {};
  const effort = clampEffort(turn.reasoning.effort, target.traits.efforts ?? quirks.efforts);
  const reasoning = {
    ...optional('effort', effort),
    ...optional('summary', turn.reasoning.summary),
  };
  return {
    ...(Object.keys(reasoning).length === 0 ? {} : { reasoning }),
    ...(quirks.includeEncrypted === false ? {} : { include: ['reasoning.encrypted_content'] }),
  };
}

function textFields(turn: Turn, quirks: ResponsesQuirks): JsonObject {
  const format = turn.output.type === 'text' ? {} : { format: { ...turn.output } };
  const verbosity = quirks.verbosity === true ? optional('verbosity', turn.verbosity) : {};
  const text = { ...format, ...verbosity };
  return Object.keys(text).length === 0 ? {} : { text };
}

function optional(key: string, value: Json | undefined): JsonObject {
  return value === undefined ? {} : { [key]: value };
}
