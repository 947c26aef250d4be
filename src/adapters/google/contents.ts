import type { Additions } from '../../turn/additions.ts';
import { parseJsonObject } from '../../turn/json.ts';
import type {
  AssistantMessage,
  JsonObject,
  Message,
  ToolCallPart,
  ToolMessage,
} from '../../turn/turn.ts';
import { defined, textOf } from '../json.ts';
import { noSignature, type Signed, signedOf } from './carry.ts';
import type { Rule } from './models.ts';
import { imagePart, inlineImage, partsOf, textPart } from './parts.ts';

/** One entry of `contents`. */
interface Content {
  readonly role: 'user' | 'model';
  readonly parts: JsonObject[];
}

export interface Conversation {
  /** The parts of `systemInstruction`. */
  readonly instructions: readonly JsonObject[];
  readonly contents: readonly JsonObject[];
}

const imageHere = '[The image is attached.]';
const imageBehind = '[The image follows.]';

/**
 * The conversation as the API takes it: instructions that lead apart, then user and model in turns,
 * the user first, and all responses to the calls of a step in one content behind it, in call order.
 * Later instructions are told by the user. `instruction` is ours, where a fallback needs one.
 */
export function conversation(
  messages: readonly Message[],
  rule: Rule,
  vision: boolean,
  instruction: string | undefined,
  additions: Additions,
): Conversation {
  const start = messages.findIndex((message) => message.role !== 'system');
  const lead = start < 0 ? messages.length : start;
  const instructions = messages
    .slice(0, lead)
    .flatMap((message) =>
      message.role === 'system' ? partsOf(message.content, false, additions) : [],
    );
  if (instruction !== undefined) instructions.push(textPart(instruction));
  const writer = new ContentWriter(rule, vision, additions);
  if (rule.instructions === 'user') writer.say(instructions);
  for (const message of messages.slice(lead)) writer.add(message);
  return {
    instructions: rule.instructions === 'user' ? [] : instructions,
    contents: writer.finish(),
  };
}

class ContentWriter {
  readonly #rule: Rule;
  readonly #vision: boolean;
  readonly #additions: Additions;
  /** For the first call of a step that has no signature. */
  readonly #excuse: string | undefined;
  readonly #contents: Content[] = [];
  /** Images of the responses that came last, for behind them. */
  #images: JsonObject[] = [];

  constructor(rule: Rule, vision: boolean, additions: Additions) {
    this.#rule = rule;
    this.#vision = vision;
    this.#additions = additions;
    this.#excuse = rule.signedCalls ? noSignature : undefined;
  }

  add(message: Message): void {
    switch (message.role) {
      case 'system':
      case 'user':
        this.say(partsOf(message.content, this.#vision, this.#additions));
        break;
      case 'assistant':
        this.#flushImages();
        this.#append('model', this.#answer(message));
        break;
      case 'tool':
        this.#append('user', [this.#response(message)]);
        break;
    }
  }

  say(parts: readonly JsonObject[]): void {
    this.#flushImages();
    this.#append('user', parts);
  }

  finish(): readonly JsonObject[] {
    this.#flushImages();
    const [first] = this.#contents;
    if (first?.role !== 'user') {
      const opening = textPart(this.#additions.add('history', '…'));
      this.#contents.unshift({ role: 'user', parts: [opening] });
    }
    return this.#contents.map(({ role, parts }) => ({ role, parts }));
  }

  #append(role: Content['role'], parts: readonly JsonObject[]): void {
    if (parts.length === 0) return;
    const last = this.#contents.at(-1);
    if (last?.role === role) for (const part of parts) last.parts.push(part);
    else this.#contents.push({ role, parts: [...parts] });
  }

  #flushImages(): void {
    const images = this.#images;
    this.#images = [];
    this.#append('user', images);
  }

  /** The parts of one step, each signature on the part on which it came. */
  #answer(message: AssistantMessage): readonly JsonObject[] {
    const parts: JsonObject[] = [];
    let signature: string | undefined;
    let isFirst = true;
    for (const part of message.content) {
      switch (part.type) {
        case 'text':
          if (part.text !== '') parts.push(textPart(part.text));
          break;
        case 'reasoning': {
          const signed = signedOf(part.carry);
          if (signed?.part === 'call') signature = signed.signature;
          else if (signed !== undefined) sign(parts, signed, part.text);
          break;
        }
        case 'tool_call':
          parts.push(this.#call(part, signature ?? (isFirst ? this.#excuse : undefined)));
          signature = undefined;
          isFirst = false;
          break;
      }
    }
    return parts;
  }

  #call(part: ToolCallPart, thoughtSignature: string | undefined): JsonObject {
    const functionCall = defined({
      id: this.#rule.callIds ? part.callId : undefined,
      name: part.name,
      args: parseJsonObject(part.arguments) ?? {},
    });
    return defined({ functionCall, thoughtSignature });
  }

  #response(message: ToolMessage): JsonObject {
    const texts: string[] = [];
    const inside: JsonObject[] = [];
    const behind: JsonObject[] = [];
    for (const part of message.content) {
      if (part.type === 'text') {
        texts.push(part.text);
        continue;
      }
      const inline = this.#vision && this.#rule.responseImages ? inlineImage(part.url) : undefined;
      const image = inline ?? imagePart(part.url, this.#vision, this.#additions);
      if (typeof image['text'] === 'string') {
        texts.push(image['text']);
      } else {
        const where = inline === undefined ? imageBehind : imageHere;
        texts.push(this.#additions.add('attachment', where));
        (inline === undefined ? behind : inside).push(image);
      }
    }
    if (behind.length > 0) {
      const head = this.#additions.add('attachment', `Image in the result of ${message.name}:`);
      this.#images.push(textPart(head), ...behind);
    }
    return {
      functionResponse: defined({
        id: this.#rule.callIds ? message.callId : undefined,
        name: message.name,
        response: { output: texts.filter((text) => text !== '').join('\n\n') },
        parts: inside.length === 0 ? undefined : inside,
      }),
    };
  }
}

/** Puts a signature on the end of the text that came last, or on a thought. */
function sign(
  parts: JsonObject[],
  { part, signature, length }: Exclude<Signed, { part: 'call' }>,
  thought: string,
): void {
  if (part === 'thought') {
    const text = thought.slice(thought.length - length);
    parts.push({ text, thought: true, thoughtSignature: signature });
    return;
  }
  const last = parts.at(-1);
  const whole = last !== undefined && isPlainText(last) ? textOf(last['text']) : '';
  const signed = Math.min(length, whole.length);
  if (signed > 0) parts.pop();
  if (signed > 0 && signed < whole.length) parts.push(textPart(whole.slice(0, -signed)));
  const text = signed > 0 ? whole.slice(-signed) : '';
  parts.push({ text, thoughtSignature: signature });
}

function isPlainText(part: JsonObject): boolean {
  return 'text' in part && !('thoughtSignature' in part);
}
