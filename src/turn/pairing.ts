import { Additions } from './additions.ts';
import type {
  AssistantMessage,
  ImagePart,
  Message,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolMessage,
} from './turn.ts';

/** One thing of a conversation in the order in which the client sent it, not yet in messages. */
export type HistoryEntry =
  | { readonly type: 'system'; readonly content: readonly TextPart[] }
  | { readonly type: 'user'; readonly content: readonly (TextPart | ImagePart)[] }
  | { readonly type: 'assistant'; readonly part: TextPart | ReasoningPart | ToolCallPart }
  | {
      readonly type: 'result';
      /** `undefined`: it belongs to no call. */
      readonly callId: string | undefined;
      readonly content: readonly (TextPart | ImagePart)[];
    };

/** What Codex itself writes for a call that was never answered. */
const unanswered = 'aborted';
const noOutput = '(no output)';
/**
 * A history may end with the assistant: the part of an answer that came before the stream broke, or
 * a paused turn. Most providers refuse that as a prefill, so the model is asked to go on.
 */
const goOn = 'Continue from where you stopped.';

interface Call {
  readonly part: ToolCallPart;
  readonly step: Step;
  result: readonly (TextPart | ImagePart)[] | undefined;
}

/** What the model made between two inputs: one assistant message and the results of its calls. */
interface Step {
  readonly role: 'step';
  readonly parts: (TextPart | ReasoningPart | ToolCallPart)[];
  readonly calls: Call[];
  answered: boolean;
}

/**
 * Brings a history into the form that every provider takes: what the model made in one step is one
 * message, each call has exactly one result, all results come right behind their step in call order,
 * call ids are unique, nothing is empty, and the assistant does not have the last word.
 */
export function pairHistory(
  entries: readonly HistoryEntry[],
  additions = new Additions(),
): Message[] {
  const rows: (Message | Step)[] = [];
  const ids = new Set<string>();
  /** By the client's id: the calls that still wait for their result, oldest first. */
  const waiting = new Map<string, Call[]>();
  let step: Step | undefined;

  for (const entry of entries) {
    switch (entry.type) {
      case 'assistant': {
        if (entry.part.type === 'text' && isBlank(entry.part.text)) break;
        step = openStep(step, rows);
        if (entry.part.type === 'tool_call') addCall(step, entry.part, ids, waiting);
        else step.parts.push(entry.part);
        break;
      }
      case 'result': {
        const call = entry.callId === undefined ? undefined : waiting.get(entry.callId)?.shift();
        if (call !== undefined) {
          call.result = entry.content;
          call.step.answered = true;
        } else {
          step = undefined;
          rows.push({ role: 'user', content: orphan(entry.callId, entry.content, additions) });
        }
        break;
      }
      case 'system':
      case 'user': {
        const row = filled(entry);
        if (row === undefined) break;
        step = undefined;
        rows.push(row);
        break;
      }
    }
  }
  return closed(
    rows.flatMap((row) => messagesOf(row, additions)),
    additions,
  );
}

/** What the model makes after a result is a new step. */
function openStep(step: Step | undefined, rows: (Message | Step)[]): Step {
  if (step !== undefined && !step.answered) return step;
  const next: Step = { role: 'step', parts: [], calls: [], answered: false };
  rows.push(next);
  return next;
}

function addCall(
  step: Step,
  part: ToolCallPart,
  ids: Set<string>,
  waiting: Map<string, Call[]>,
): void {
  const callId = uniqueId(part.callId, ids);
  const call: Call = {
    part: callId === part.callId ? part : { ...part, callId },
    step,
    result: undefined,
  };
  step.parts.push(call.part);
  step.calls.push(call);
  const queue = waiting.get(part.callId);
  // Calls of an earlier step that still wait when their id comes again were interrupted for good.
  if (queue?.at(-1)?.step === step) queue.push(call);
  else waiting.set(part.callId, [call]);
}

/** Providers refuse two calls of one id; the second and later ones are numbered. */
function uniqueId(wanted: string, ids: Set<string>): string {
  const base = wanted === '' ? 'call' : wanted;
  let id = base;
  for (let n = 2; ids.has(id); n += 1) id = `${base}_${n}`;
  ids.add(id);
  return id;
}

function filled(entry: HistoryEntry & { type: 'system' | 'user' }): Message | undefined {
  if (entry.type === 'system') {
    const content = entry.content.filter((part) => !isBlank(part.text));
    return content.length === 0 ? undefined : { role: 'system', content };
  }
  const content = withoutBlankText(entry.content);
  return content.length === 0 ? undefined : { role: 'user', content };
}

/** Anthropic refuses texts of white space alone. */
function isBlank(text: string): boolean {
  return !/\S/.test(text);
}

function withoutBlankText(
  content: readonly (TextPart | ImagePart)[],
): readonly (TextPart | ImagePart)[] {
  return content.filter((part) => part.type !== 'text' || !isBlank(part.text));
}

function orphan(
  callId: string | undefined,
  content: readonly (TextPart | ImagePart)[],
  additions: Additions,
): readonly (TextPart | ImagePart)[] {
  const of = callId === undefined || callId === '' ? '' : ` ${callId}`;
  return [
    added(`Output of an earlier tool call${of}:`, additions),
    ...resultContent(content, additions),
  ];
}

function resultContent(
  content: readonly (TextPart | ImagePart)[] | undefined,
  additions: Additions,
): readonly (TextPart | ImagePart)[] {
  if (content === undefined) return [added(unanswered, additions)];
  const kept = withoutBlankText(content);
  return kept.length === 0 ? [added(noOutput, additions)] : kept;
}

function added(text: string, additions: Additions): TextPart {
  return { type: 'text', text: additions.add('history', text) };
}

function messagesOf(row: Message | Step, additions: Additions): readonly Message[] {
  if (row.role !== 'step') return [row];
  // Reasoning without an answer is what a broken stream leaves behind; no provider takes it.
  if (row.parts.every((part) => part.type === 'reasoning')) return [];
  const assistant: AssistantMessage = { role: 'assistant', content: row.parts };
  const results = row.calls.map(
    ({ part, result }): ToolMessage => ({
      role: 'tool',
      callId: part.callId,
      name: part.name,
      content: resultContent(result, additions),
    }),
  );
  return [assistant, ...results];
}

/** Makes sure that there is something to answer: the last message but for instructions is not the model's. */
function closed(messages: Message[], additions: Additions): Message[] {
  const last = messages.findLast((message) => message.role !== 'system');
  if (last?.role === 'assistant') {
    return [...messages, { role: 'user', content: [added(goOn, additions)] }];
  }
  if (last !== undefined) return messages;
  // Instructions alone: the last of them is the question.
  return messages.map((message, index) =>
    index === messages.length - 1 && message.role === 'system'
      ? { role: 'user', content: message.content }
      : message,
  );
}
