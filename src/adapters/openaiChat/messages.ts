import type { Additions } from '../../turn/additions.ts';
import { isJsonObject } from '../../turn/json.ts';
import type {
  AssistantMessage,
  ImagePart,
  Json,
  JsonObject,
  Message,
  TextPart,
  ToolMessage,
} from '../../turn/turn.ts';
import { defined, type Fields, listOf, textOf } from '../json.ts';
import type { Target } from '../target.ts';
import type { ChatQuirks } from './quirks.ts';
import { replayReasoning } from './reasoningReplay.ts';
import { mapCallIds } from './toolCallIds.ts';

const separator = '\n\n';
const unseenImage = '[An image stood here. This model reads text only.]';
const movedImage = '[The image follows in the next user message.]';

/**
 * The history in the host's form. `instruction` is added to the system message at the beginning.
 * A Turn is well formed: every call has its result right behind it, and the assistant never has the
 * last word.
 */
export function encodeMessages(
  messages: readonly Message[],
  target: Target,
  instruction: string | undefined,
  additions: Additions,
): readonly JsonObject[] {
  const quirks = target.quirks.chat ?? {};
  const encoder = new MessageEncoder(
    quirks,
    target.traits.vision !== false,
    mapCallIds(messages, quirks.toolCallIds ?? 'any'),
    additions,
  );
  for (const message of messages) encoder.add(message);
  return encoder.finish(instruction);
}

class MessageEncoder {
  readonly #quirks: ChatQuirks;
  readonly #vision: boolean;
  readonly #ids: ReadonlyMap<string, string>;
  readonly #additions: Additions;
  readonly #out: Fields[] = [];
  /** Images of the tool results that came last, for the user message behind them. */
  readonly #images: Json[] = [];

  constructor(
    quirks: ChatQuirks,
    vision: boolean,
    ids: ReadonlyMap<string, string>,
    additions: Additions,
  ) {
    this.#quirks = quirks;
    this.#vision = vision;
    this.#ids = ids;
    this.#additions = additions;
  }

  add(message: Message): void {
    if (message.role !== 'tool') this.#flushImages();
    switch (message.role) {
      case 'system':
        this.#addSystem(joinTexts(message.content));
        return;
      case 'user':
        this.#addUser(this.#content(message.content));
        return;
      case 'assistant':
        this.#addAssistant(message);
        return;
      case 'tool':
        this.#addResult(message);
    }
  }

  finish(instruction: string | undefined): readonly JsonObject[] {
    this.#flushImages();
    if (instruction !== undefined) {
      const role = this.#quirks.systemRole ?? 'system';
      const first = this.#out[0];
      if (first?.['role'] === role)
        first['content'] = `${textOf(first['content'])}${separator}${instruction}`;
      else this.#out.unshift({ role, content: instruction });
    }
    return this.#out.map(defined);
  }

  #addSystem(text: string): void {
    if (text === '') return;
    const role = this.#quirks.systemRole ?? 'system';
    const first = this.#out[0];
    if ((this.#quirks.systemPlace ?? 'anywhere') === 'anywhere' || first === undefined) {
      this.#addMessage({ role, content: text });
    } else if (this.#out.length === 1 && first['role'] === role) {
      first['content'] = `${textOf(first['content'])}${separator}${text}`;
    } else {
      this.#addUser(text);
    }
  }

  #addUser(content: Json): void {
    if (content === '') return;
    const last = this.#out.at(-1);
    if (this.#quirks.systemPlace === 'leading' && last?.['role'] === 'user') {
      // The chat templates that want one leading system message want alternating roles, too.
      last['content'] = joinContents(last['content'] ?? '', content);
    } else {
      this.#addMessage({ role: 'user', content });
    }
  }

  #addAssistant(message: AssistantMessage): void {
    const calls = message.content.flatMap((part) =>
      part.type === 'tool_call'
        ? [
            {
              id: this.#ids.get(part.callId) ?? part.callId,
              type: 'function',
              function: { name: part.name, arguments: part.arguments },
            },
          ]
        : [],
    );
    const text = joinTexts(message.content.filter((part) => part.type === 'text'));
    if (text === '' && calls.length === 0) return;
    const reasoning = replayReasoning(message, this.#quirks);
    const whole = reasoning.prefix + text;
    const empty = this.#quirks.emptyContent === 'string' ? '' : null;
    this.#addMessage({
      role: 'assistant',
      content:
        reasoning.parts.length > 0
          ? [...reasoning.parts, ...(whole === '' ? [] : [{ type: 'text', text: whole }])]
          : whole === ''
            ? empty
            : whole,
      ...reasoning.fields,
      tool_calls: calls.length === 0 ? undefined : calls,
    });
  }

  #addResult(message: ToolMessage): void {
    const id = this.#ids.get(message.callId) ?? message.callId;
    this.#out.push({
      role: 'tool',
      tool_call_id: id,
      name: this.#quirks.toolResultName === true ? message.name : undefined,
      content: this.#resultContent(message, id),
    });
  }

  #resultContent(message: ToolMessage, id: string): Json {
    const moves = this.#vision && (this.#quirks.toolImages ?? 'user') === 'user';
    if (!moves || !message.content.some(isImage)) return this.#content(message.content);
    const images = message.content.filter(isImage);
    this.#images.push(
      this.#told(`Image in the result of ${message.name} (${id}):`),
      ...images.map(imageUrl),
    );
    return joinTexts(
      message.content.map((part) => (part.type === 'image' ? this.#told(movedImage) : part)),
    );
  }

  #flushImages(): void {
    if (this.#images.length > 0) this.#addUser(this.#images.splice(0));
  }

  /** Plain text wherever there are no images: some hosts and templates take nothing else. */
  #content(parts: readonly (TextPart | ImagePart)[]): Json {
    if (this.#vision && parts.some(isImage)) {
      return parts.flatMap((part) =>
        part.type === 'image'
          ? [imageUrl(part)]
          : part.text === ''
            ? []
            : [{ type: 'text', text: part.text }],
      );
    }
    return joinTexts(parts.map((part) => (isImage(part) ? this.#told(unseenImage) : part)));
  }

  #told(text: string) {
    return { type: 'text', text: this.#additions.add('attachment', text) } as const;
  }

  #addMessage(message: Fields): void {
    const afterTool = this.#out.at(-1)?.['role'] === 'tool' && message['role'] !== 'assistant';
    if (afterTool && this.#quirks.assistantAfterTool === true) {
      this.#out.push({ role: 'assistant', content: this.#additions.add('history', 'OK.') });
    }
    this.#out.push(message);
  }
}

function joinTexts(parts: readonly TextPart[]): string {
  const [only, second] = parts;
  if (only !== undefined && second === undefined) return only.text;
  return parts
    .map((part) => part.text)
    .filter((text) => text !== '')
    .join(separator);
}

function isImage(part: TextPart | ImagePart): part is ImagePart {
  return part.type === 'image';
}

function imageUrl(part: ImagePart): JsonObject {
  // `original` is a word of the Responses API; Chat Completions knows `high` as its largest.
  const detail = part.detail === 'original' ? 'high' : part.detail;
  return { type: 'image_url', image_url: defined({ url: part.url, detail }) };
}

function joinContents(before: Json, after: Json): Json {
  if (typeof before === 'string' && typeof after === 'string') return before + separator + after;
  return [...asParts(before), ...asParts(after)];
}

function asParts(content: Json): readonly Json[] {
  return typeof content === 'string'
    ? [{ type: 'text', text: content }]
    : listOf(content).filter(isJsonObject);
}
