import * as z from 'zod/mini';
import { Additions, type PromptAddition } from '../turn/additions.ts';
import { callsAsText } from '../turn/callsAsText.ts';
import { type TurnError, turnError } from '../turn/error.ts';
import { type HistoryEntry, pairHistory } from '../turn/pairing.ts';
import type { Json, Message, OutputFormat, Turn } from '../turn/turn.ts';
import { deferredNamespaces } from './deferredTools.ts';
import { echoOf } from './echo.ts';
import { type HistoryContext, historyOf, instructionParts, parseItems } from './items.ts';
import { textParts } from './parts.ts';
import type { ReplyContext } from './reply.ts';
import { bodySchema, type Item, problemOf, type RequestBody } from './schema.ts';
import { answerForm } from './structuredText.ts';
import { chooseTools } from './toolChoice.ts';
import { Toolset, toolSearchName } from './toolset.ts';
import { type HostedSearch, hostedSearch } from './webSearch.ts';

/** Who will answer. `model` is the model's name at the provider. */
export interface DecodeTarget {
  readonly requestedModel: string;
  readonly provider: string;
  readonly model: string;
  readonly rewriteIdentity: boolean;
  /** Default false: reasoning goes back to who made it. */
  readonly forgetReasoning?: boolean;
}

export type Decoded =
  | {
      readonly ok: true;
      readonly turn: Turn;
      readonly reply: ReplyContext;
      /** What the Turn says that the client did not. */
      readonly additions: readonly PromptAddition[];
      /** The web search that OpenAI's server would run. */
      readonly search: HostedSearch | undefined;
    }
  | { readonly ok: false; readonly error: TurnError };

/**
 * Reads the body of `POST /v1/responses` into the neutral model and what the answer will need. The
 * same body always gives the same Turn.
 */
export function decodeRequest(bytes: Uint8Array, target: DecodeTarget): Decoded {
  return decodeText(new TextDecoder().decode(bytes), target);
}

/** The same for a body that is text already. */
export function decodeText(text: string, target: DecodeTarget): Decoded {
  let json: Json;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return refused(`the body is not valid JSON${positionIn(error)}.`);
  }
  const parsed = z.safeParse(bodySchema, json);
  if (!parsed.success) return refused(problemOf(parsed.error, json, ''));
  const body = parsed.data;
  const stateful = statefulField(body);
  if (stateful !== undefined) return refused(stateful);
  const items = parseItems(inputItems(body.input));
  if (typeof items === 'string') return refused(items);
  const reference = items.find((item) => item.type === 'item_reference');
  if (reference !== undefined)
    return refused(
      `"input" refers to the stored item "${reference.id}", but nothing is stored here. Send the items themselves ("store": false).`,
    );
  return build(body, items, target);
}

function build(body: RequestBody, items: readonly Item[], target: DecodeTarget): Decoded {
  const toolset = new Toolset();
  const problem = declareTools(toolset, body, items);
  if (problem !== undefined) return refused(problem);
  const chosen = chooseTools(body.tool_choice ?? undefined, toolset);
  if (typeof chosen === 'string') return refused(chosen);

  const compaction = items.at(-1)?.type === 'compaction_trigger';
  const additions = new Additions();
  const context = { tools: toolset, additions, ...target };
  const paired = pairHistory(conversation(body, items, context, compaction), additions);
  if (paired.length === 0)
    return refused('"input" must be a text or items with something to answer, but is empty.');
  const stream = body.stream ?? false;
  const turn: Turn = {
    model: target.model,
    messages:
      chosen.tools.length === 0 && hasCalls(paired) ? callsAsText(paired, additions) : paired,
    tools: chosen.tools,
    toolChoice: compaction && chosen.tools.length > 0 ? { type: 'none' } : chosen.choice,
    output: compaction ? { type: 'text' } : outputOf(body),
    ...parametersOf(body, items),
    stream,
  };
  const reply: ReplyContext = {
    requestedModel: target.requestedModel,
    provider: target.provider,
    model: target.model,
    stream,
    tools: toolset.origins,
    deferred: toolset.find(undefined, toolSearchName) ? deferredNamespaces(items) : [],
    echo: echoOf(body),
    compaction,
    form: answerForm(turn.output),
  };
  toolset.noteAdditions(turn.tools, additions);
  const search = hostedSearch(body.tools ?? []);
  return { ok: true, turn, reply, additions: additions.list, search };
}

function conversation(
  body: RequestBody,
  items: readonly Item[],
  context: HistoryContext,
  compaction: boolean,
): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  const instructions = textParts(body.instructions ?? [], context.additions);
  if (instructions.length > 0)
    entries.push({
      type: 'system',
      content: instructionParts(instructions, context),
    });
  for (const item of items) entries.push(...historyOf(item, context));
  if (compaction) {
    const text = context.additions.add('compaction', askForSummary);
    entries.push({ type: 'user', content: [{ type: 'text', text }] });
  }
  return entries;
}

function parametersOf(body: RequestBody, items: readonly Item[]) {
  return {
    parallelToolCalls: body.parallel_tool_calls ?? undefined,
    reasoning: {
      effort: body.reasoning?.effort ?? configuredEffort(items),
      summary: body.reasoning?.summary ?? undefined,
    },
    verbosity: body.text?.verbosity ?? undefined,
    maxOutputTokens: body.max_output_tokens ?? undefined,
    temperature: body.temperature ?? undefined,
    topP: body.top_p ?? undefined,
    cacheKey: body.prompt_cache_key ?? undefined,
    serviceTier: body.service_tier ?? undefined,
  };
}

/** What OpenAI's remote compaction does on its server: the model writes down what the next one needs. */
const askForSummary =
  'Stop working on the task now. Write a summary of this conversation for the model that will continue it and that will not see anything else of it. Cover what the user wants, what has been done and decided and why, which files and commands matter, what was learned, and what remains to be done next. Answer with the summary only.';

function refused(message: string): Decoded {
  return { ok: false, error: turnError('bad_request', `Invalid request: ${message}`) };
}

/** V8 quotes the text around the fault; only the place is told, because messages are logged. */
function positionIn(error: unknown): string {
  const position = error instanceof Error ? /position \d+/.exec(error.message)?.[0] : undefined;
  return position === undefined ? '' : ` at ${position}`;
}

function inputItems(input: RequestBody['input']): readonly Json[] {
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: input }];
  return input ?? [];
}

/** Features that need a server with a memory; without them the answer would silently lack its history. */
function statefulField(body: RequestBody): string | undefined {
  if (body.previous_response_id)
    return '"previous_response_id" cannot be used, because nothing is stored here. Send the whole conversation in "input".';
  if (body.conversation !== null && body.conversation !== undefined)
    return '"conversation" cannot be used, because nothing is stored here. Send the whole conversation in "input".';
  if (body.background === true)
    return '"background" cannot be used here. Leave it out or send false.';
  return undefined;
}

function declareTools(
  toolset: Toolset,
  body: RequestBody,
  items: readonly Item[],
): string | undefined {
  let problem = toolset.declare(body.tools ?? [], 'tools');
  for (const item of items) {
    if (problem !== undefined) return problem;
    if (item.type === 'additional_tools')
      problem = toolset.declare(item.tools, 'additional_tools.tools');
    else if (item.type === 'tool_search_output')
      problem = toolset.declare(item.tools ?? [], 'tool_search_output.tools');
  }
  return problem;
}

function hasCalls(messages: readonly Message[]): boolean {
  return messages.some((message) => message.role === 'tool');
}

/** A later `configuration_update` counts where the request itself names no effort. */
function configuredEffort(items: readonly Item[]): string | undefined {
  const update = items.findLast((item) => item.type === 'configuration_update');
  return update?.reasoning?.effort ?? undefined;
}

function outputOf(body: RequestBody): OutputFormat {
  const format = body.text?.format;
  switch (format?.type) {
    case 'json_object':
      return { type: 'json_object' };
    case 'json_schema':
      return {
        type: 'json_schema',
        name: format.name ?? 'response',
        schema: format.schema ?? {},
        strict: format.strict ?? false,
      };
    default:
      return { type: 'text' };
  }
}
