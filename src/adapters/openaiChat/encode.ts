import { Additions } from '../../turn/additions.ts';
import type { Json, Turn } from '../../turn/turn.ts';
import type { EncodedRequest } from '../adapter.ts';
import { withExtraBody } from '../extraBody.ts';
import { defined, type Fields } from '../json.ts';
import { toolSchema } from '../schema/toolSchema.ts';
import type { Target } from '../target.ts';
import { encodeMessages } from './messages.ts';
import type { ChatQuirks } from './quirks.ts';
import { reasoningFields } from './reasoningRequest.ts';
import { structuredOutput } from './structuredOutput.ts';

/** A Turn as a Chat Completions request. Fields stand in a fixed order: equal Turns, equal bytes. */
export function encodeChat(turn: Turn, target: Target): EncodedRequest {
  const quirks = target.quirks.chat ?? {};
  const additions = new Additions();
  const tools = toolFields(turn, quirks);
  const { responseFormat, instruction } = structuredOutput(
    turn.output,
    quirks,
    tools['tools'] !== undefined,
    additions,
  );
  const body = defined({
    model: target.model,
    messages: encodeMessages(turn.messages, target, instruction, additions),
    ...tools,
    response_format: responseFormat,
    [quirks.tokenField ?? 'max_tokens']: outputLimit(turn, target),
    ...reasoningFields(turn, target),
    ...(quirks.sampling === false ? {} : { temperature: turn.temperature, top_p: turn.topP }),
    ...openaiFields(turn, quirks),
    stream: turn.stream,
    stream_options:
      turn.stream && quirks.streamUsage !== false ? { include_usage: true } : undefined,
  });
  return {
    url: `${target.baseUrl}${quirks.path ?? '/chat/completions'}`,
    headers: {
      'content-type': 'application/json',
      accept: turn.stream ? 'text/event-stream' : 'application/json',
    },
    body: JSON.stringify(withExtraBody(body, target.quirks.extraBody)),
    additions: additions.list,
  };
}

function toolFields(turn: Turn, quirks: ChatQuirks): Fields {
  const choice = turn.toolChoice;
  const forms = quirks.toolChoice ?? 'all';
  // Where a tool cannot be named, being the only one says the same; where nothing but `auto` is
  // taken, no tools say `none`.
  const chosen =
    choice.type === 'tool' && forms === 'words'
      ? turn.tools.filter((tool) => tool.name === choice.name)
      : turn.tools;
  if (chosen.length === 0 || (choice.type === 'none' && forms === 'auto')) return {};
  const schema = quirks.toolSchema ?? 'objectRoot';
  return {
    tools: chosen.map((tool) => ({
      type: 'function',
      function: defined({
        name: tool.name,
        description: tool.description === '' ? undefined : tool.description,
        parameters: toolSchema(tool.parameters, schema),
        strict: quirks.strictTools === true ? tool.strict : undefined,
      }),
    })),
    tool_choice: forms === 'auto' ? undefined : toolChoice(turn, quirks),
    parallel_tool_calls: parallel(turn, quirks),
  };
}

function toolChoice(turn: Turn, quirks: ChatQuirks): Json | undefined {
  const required = quirks.toolChoiceRequired ?? 'required';
  switch (turn.toolChoice.type) {
    case 'auto':
      return undefined;
    case 'none':
      return 'none';
    case 'required':
      return required;
    case 'tool':
      return quirks.toolChoice === 'words'
        ? required
        : { type: 'function', function: { name: turn.toolChoice.name } };
  }
}

function parallel(turn: Turn, quirks: ChatQuirks): boolean | undefined {
  switch (quirks.parallelToolCalls ?? 'asked') {
    case 'asked':
      return turn.parallelToolCalls;
    case 'omit':
      return undefined;
    case 'never':
      return false;
  }
}

function outputLimit(turn: Turn, target: Target): number | undefined {
  const asked = turn.maxOutputTokens ?? target.quirks.chat?.defaultMaxTokens;
  const most = target.traits.maxOutputTokens;
  return asked !== undefined && most !== undefined ? Math.min(asked, most) : asked;
}

function openaiFields(turn: Turn, quirks: ChatQuirks): Fields {
  const openai = quirks.openaiFields === true;
  return {
    prompt_cache_key: openai || quirks.promptCacheKey === true ? turn.cacheKey : undefined,
    service_tier: openai ? turn.serviceTier : undefined,
    verbosity: openai ? turn.verbosity : undefined,
    store: openai ? false : undefined,
  };
}
