import { Additions } from '../../turn/additions.ts';
import { callsAsText } from '../../turn/callsAsText.ts';
import type { Json, JsonObject, Message, Turn } from '../../turn/turn.ts';
import type { EncodedRequest } from '../adapter.ts';
import type { Target } from '../target.ts';
import { contentBlocks, textBlock } from './content.ts';
import { continuesWithoutThinking, conversation, leadingSystem, type Row } from './messages.ts';
import { type Rule, ruleFor, takesUnsigned } from './models.ts';
import { outputRequest } from './outputFormat.ts';
import type { AnthropicQuirks } from './quirks.ts';
import { type ThinkingFields, thinkingFor } from './thinking.ts';
import { toolChoice, toolDefinitions } from './tools.ts';

/** https://platform.claude.com/docs/en/api/versioning */
const version = '2023-06-01';

/** Turns a Turn into a Messages request: https://platform.claude.com/docs/en/api/messages/create */
export function encode(turn: Turn, target: Target): EncodedRequest {
  const quirks = target.quirks.anthropic ?? {};
  const rule = ruleFor(target.model, quirks);
  const mark = cacheMark(quirks);
  const additions = new Additions();
  const messages = withoutStrayCalls(turn, additions);
  const lead = leadingSystem(messages);
  const { definitions: tools, wraps } = toolDefinitions(turn.tools);
  const rows = conversation(messages.slice(lead), {
    vision: target.traits.vision !== false,
    unsigned: takesUnsigned(target.model, quirks),
    systemMessages: rule.systemMessages,
    wraps,
    additions,
  });
  const maxTokens = maxTokensOf(turn, target, rule);
  const fields = thinkingFor(turn, target.traits, rule, maxTokens, continuesWithoutThinking(rows));
  const output = outputRequest(turn.output, rule.outputFormat, additions);
  const system = systemBlocks(messages.slice(0, lead), output.instruction, additions);
  const choice = toolChoice(turn, rule, fields.on);
  const outputConfig = {
    ...(fields.effort === undefined ? {} : { effort: fields.effort }),
    ...(output.format === undefined ? {} : { format: output.format }),
  };
  const head: JsonObject = {
    model: target.model,
    max_tokens: maxTokens,
    stream: turn.stream,
    ...(fields.thinking === undefined ? {} : { thinking: fields.thinking }),
    ...(Object.keys(outputConfig).length === 0 ? {} : { output_config: outputConfig }),
    ...sampling(turn, rule, fields),
    ...(tools.length === 0 ? {} : { tools: markLast(tools, mark) }),
    ...(choice === undefined ? {} : { tool_choice: choice }),
    ...(system.length === 0 ? {} : { system: markLast(system, mark) }),
  };
  return {
    url: endpoint(target.baseUrl, quirks),
    headers: headers(turn, quirks, fields),
    body: body(head, markUsers(rows, mark), target.quirks.extraBody ?? {}),
    additions: additions.list,
  };
}

/** Calls in the history need tool definitions; without tools they are told as text. */
function withoutStrayCalls({ tools, messages }: Turn, additions: Additions): readonly Message[] {
  const strayed = tools.length === 0 && messages.some((message) => message.role === 'tool');
  return strayed ? callsAsText(messages, additions) : messages;
}

function maxTokensOf(turn: Turn, { traits }: Target, rule: Rule): number {
  const most = traits.maxOutputTokens ?? rule.maxTokens;
  return Math.min(turn.maxOutputTokens ?? most, most);
}

function systemBlocks(
  messages: readonly Message[],
  instruction: string | undefined,
  additions: Additions,
): JsonObject[] {
  const blocks = messages.flatMap((message) =>
    message.role === 'system' ? contentBlocks(message.content, true, additions) : [],
  );
  if (instruction !== undefined) blocks.push(textBlock(instruction));
  return blocks;
}

/** The API takes at most one of the two, from 0 to 1, and none while it thinks. */
function sampling(turn: Turn, rule: Rule, fields: ThinkingFields): JsonObject {
  if (!rule.sampling || fields.on) return {};
  if (turn.temperature !== undefined) return { temperature: Math.min(turn.temperature, 1) };
  return turn.topP === undefined ? {} : { top_p: turn.topP };
}

function endpoint(baseUrl: string, { path }: AnthropicQuirks): string {
  return baseUrl + (path ?? (baseUrl.endsWith('/v1') ? '/messages' : '/v1/messages'));
}

function headers(
  turn: Turn,
  quirks: AnthropicQuirks,
  fields: ThinkingFields,
): EncodedRequest['headers'] {
  const betas = [...new Set([...(quirks.betas ?? []), ...fields.betas])];
  return {
    'content-type': 'application/json',
    accept: turn.stream ? 'text/event-stream' : 'application/json',
    'anthropic-version': version,
    ...(betas.length === 0 ? {} : { 'anthropic-beta': betas.join(',') }),
  };
}

function cacheMark({ cacheControl = '5m' }: AnthropicQuirks): JsonObject | undefined {
  if (cacheControl === 'off') return undefined;
  return cacheControl === '5m' ? { type: 'ephemeral' } : { type: 'ephemeral', ttl: cacheControl };
}

function markLast(
  blocks: readonly JsonObject[],
  mark: JsonObject | undefined,
): readonly JsonObject[] {
  const last = blocks.at(-1);
  if (mark === undefined || last === undefined) return blocks;
  return [...blocks.slice(0, -1), { ...last, cache_control: mark }];
}

/**
 * Marks the end of the last two user rows: one was the end of the request before, where its cache
 * entry lies; the other is where the next request will look. With tools and system that makes the
 * four marks that are allowed.
 */
function markUsers(rows: readonly Row[], mark: JsonObject | undefined): readonly string[] {
  const marked = new Set(
    mark === undefined ? [] : rows.filter((row) => row.role === 'user').slice(-2),
  );
  const suffix = `,"cache_control":${JSON.stringify(mark)}}`;
  return rows.map((row) => {
    const content = row.blocks.join(',');
    const end = marked.has(row) ? content.slice(0, -1) + suffix : content;
    return `{"role":"${row.role}","content":[${end}]}`;
  });
}

function body(head: JsonObject, messages: readonly string[], extra: JsonObject): string {
  const merged: Readonly<Record<string, Json>> = { ...head, ...extra };
  const text = JSON.stringify(merged);
  return 'messages' in merged ? text : `${text.slice(0, -1)},"messages":[${messages.join(',')}]}`;
}
