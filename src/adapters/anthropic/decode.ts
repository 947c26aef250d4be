import type { TurnError } from '../../turn/error.ts';
import type { FinishReason, TurnEvent } from '../../turn/event.ts';
import { isJsonObject, parseJson } from '../../turn/json.ts';
import type { Json, JsonObject } from '../../turn/turn.ts';
import type { AnswerKind, Decoder } from '../adapter.ts';
import { fieldOf, listOf, textOf } from '../json.ts';
import { RepeatedJson } from '../repeatedJson.ts';
import { SseReader } from '../sse.ts';
import type { Target } from '../target.ts';
import { errorFromNonsense, plainError } from '../upstreamErrors.ts';
import { WholeBody } from '../wholeBody.ts';
import { AnswerWriter, type CallBlock } from './answerWriter.ts';
import { redactedBlock, thinkingBlock } from './carry.ts';
import { errorFromEvent } from './errors.ts';
import { takesUnsigned } from './models.ts';
import { UsageCounter } from './usage.ts';

/** Reads one answer: https://platform.claude.com/docs/en/build-with-claude/streaming */
export function decoder(target: Target, kind: AnswerKind): Decoder {
  return new MessageDecoder(target, kind);
}

/** A content block that is still open; server tools and unknown kinds have none. */
type Block =
  | CallBlock
  | { readonly type: 'text' }
  | { readonly type: 'thinking'; thinking: string; signature: string };

const textPlace = { path: ['delta'], fields: ['text'] } as const;

const nothing: readonly TurnEvent[] = [];

class MessageDecoder implements Decoder {
  readonly #target: Target;
  readonly #unsigned: boolean;
  readonly #framing: SseReader | WholeBody;
  readonly #writer = new AnswerWriter();
  readonly #json = new RepeatedJson(textPlace);
  readonly #usage = new UsageCounter();
  readonly #blocks = new Map<unknown, Block>();
  #messageId: string | undefined;
  #stop: { readonly reason: string; readonly details: unknown } | undefined;
  #ended = false;

  constructor(target: Target, kind: AnswerKind) {
    this.#target = target;
    this.#unsigned = takesUnsigned(target.model, target.quirks.anthropic ?? {});
    this.#framing = kind === 'sse' ? new SseReader() : new WholeBody();
  }

  push(chunk: Uint8Array): readonly TurnEvent[] {
    if (this.#ended) return nothing;
    if (this.#framing instanceof WholeBody) this.#framing.push(chunk);
    else for (const data of this.#framing.push(chunk)) this.#readData(data);
    if (this.#framing.tooLong) this.#fail(this.#broken('it sent more than 64 MiB at once'));
    return this.#writer.take();
  }

  end(): readonly TurnEvent[] {
    if (this.#ended) return nothing;
    if (this.#framing instanceof WholeBody) {
      this.#readBody(this.#framing.text());
    } else {
      for (const data of this.#framing.end()) this.#readData(data, true);
      if (this.#stop !== undefined) this.#finish();
      else this.#fail(plainError('cut', '', this.#target));
    }
    return this.#writer.take();
  }

  #readData(data: string, atEnd = false): void {
    if (this.#ended) return;
    const event = this.#json.parse(data);
    if (isJsonObject(event)) this.#read(event);
    else if (!atEnd && data !== '[DONE]') {
      this.#fail(this.#broken(`it sent a broken event: ${data.slice(0, 80)}`));
    }
  }

  /** Events and deltas of unknown types are left out, as the documentation asks. */
  #read(event: JsonObject): void {
    switch (event['type']) {
      case 'content_block_delta':
        this.#grow(event['index'], event['delta']);
        break;
      case 'content_block_start':
        this.#open(event['index'], event['content_block']);
        break;
      case 'content_block_stop':
        this.#close(event['index']);
        break;
      case 'message_start':
        this.#begin(event['message']);
        break;
      case 'message_delta':
        this.#readEnd(event['delta'], event['usage']);
        break;
      case 'message_stop':
        this.#finish();
        break;
      default:
        if (isJsonObject(event['error']) || event['base_resp'] !== undefined) {
          this.#fail(errorFromEvent(event, this.#target));
        }
    }
  }

  /** A gateway that starts over in the middle would splice two answers into one. */
  #begin(message: Json | undefined): void {
    const id = textOf(fieldOf(message, 'id'));
    if (this.#messageId !== undefined && this.#messageId !== id) {
      this.#fail(this.#broken('it began a second answer inside the first'));
      return;
    }
    this.#messageId = id;
    this.#usage.add(fieldOf(message, 'usage'));
  }

  #open(index: unknown, block: unknown): void {
    // Some hosts leave out the end of a block; only calls may grow side by side.
    for (const [open, { type }] of this.#blocks)
      if (type !== 'call' || open === index) this.#close(open);
    switch (fieldOf(block, 'type')) {
      case 'text':
        this.#blocks.set(index, { type: 'text' });
        this.#writer.text(textOf(fieldOf(block, 'text')));
        break;
      case 'thinking': {
        const thinking = textOf(fieldOf(block, 'thinking'));
        const signature = textOf(fieldOf(block, 'signature'));
        this.#blocks.set(index, { type: 'thinking', thinking, signature });
        this.#writer.startReasoning();
        this.#writer.reasoning(thinking);
        break;
      }
      case 'redacted_thinking':
        this.#writer.startReasoning();
        this.#writer.endReasoning(redactedBlock(textOf(fieldOf(block, 'data'))));
        break;
      case 'tool_use':
        this.#openCall(index, block);
        break;
      default:
        // A server tool between two texts makes them two.
        this.#writer.closeText();
    }
  }

  #openCall(index: unknown, block: unknown): void {
    const call = this.#writer.startCall(
      textOf(fieldOf(block, 'id')) || undefined,
      textOf(fieldOf(block, 'name')),
    );
    this.#blocks.set(index, call);
    // In a stream the input comes in deltas and this is an empty object; whole answers have it here.
    const input = fieldOf(block, 'input');
    if (isJsonObject(input) && Object.keys(input).length > 0) {
      this.#writer.argument(call, JSON.stringify(input));
    }
  }

  #grow(index: unknown, delta: unknown): void {
    const block = this.#blocks.get(index);
    switch (block?.type) {
      case 'text':
        this.#writer.text(textOf(fieldOf(delta, 'text')));
        break;
      case 'thinking': {
        const thinking = textOf(fieldOf(delta, 'thinking'));
        block.thinking += thinking;
        block.signature += textOf(fieldOf(delta, 'signature'));
        this.#writer.reasoning(thinking);
        break;
      }
      case 'call':
        this.#writer.argument(block, textOf(fieldOf(delta, 'partial_json')));
        break;
    }
  }

  #close(index: unknown): void {
    const block = this.#blocks.get(index);
    this.#blocks.delete(index);
    if (block?.type === 'call') this.#writer.endCall(block);
    if (block?.type === 'thinking') {
      const keep = block.signature !== '' || this.#unsigned;
      this.#writer.endReasoning(keep ? thinkingBlock(block.thinking, block.signature) : undefined);
    }
  }

  #readEnd(delta: unknown, usage: Json | undefined): void {
    this.#usage.add(usage);
    const reason = fieldOf(delta, 'stop_reason');
    if (typeof reason === 'string')
      this.#stop = { reason, details: fieldOf(delta, 'stop_details') };
  }

  #readBody(text: string): void {
    const body = parseJson(text);
    if (!isJsonObject(body)) {
      const half = body === undefined && /^\s*\{/.test(text);
      this.#fail(
        half ? plainError('cut', '', this.#target) : errorFromNonsense(text, this.#target),
      );
    } else if (body['type'] !== 'message' && !Array.isArray(body['content'])) {
      this.#fail(errorFromEvent(body, this.#target));
    } else {
      for (const [index, block] of listOf(body['content']).entries()) {
        this.#open(index, block);
        this.#close(index);
      }
      this.#readEnd(body, body['usage']);
      this.#finish();
    }
  }

  #finish(): void {
    if (this.#ended) return;
    for (const [index, block] of [...this.#blocks]) {
      if (block.type === 'call' && !isJsonObject(parseJson(block.arguments || '{}'))) {
        this.#fail(plainError('cut', '', this.#target));
        return;
      }
      this.#close(index);
    }
    const reason = this.#stop?.reason ?? 'end_turn';
    switch (reason) {
      case 'model_context_window_exceeded':
        this.#fail(plainError('context_overflow', reason, this.#target));
        break;
      case 'refusal':
        this.#refuse(textOf(fieldOf(this.#stop?.details, 'explanation')));
        break;
      case 'max_tokens':
        // The last call may be half, and the turn fails anyway: none of them may run.
        this.#writer.closeText();
        this.#succeed('length');
        break;
      default:
        this.#writer.release();
        this.#succeed(reason === 'pause_turn' ? 'pause' : 'stop');
    }
  }

  /** Codex takes a refusal as what the assistant says. */
  #refuse(explanation: string): void {
    const { label, model } = this.#target;
    const words = explanation || `${model} at ${label} declined to go on with this request.`;
    if (this.#writer.inCall) {
      this.#fail(plainError('rejected', words, this.#target));
      return;
    }
    this.#writer.closeText();
    this.#writer.text(words);
    this.#writer.closeText();
    this.#succeed('stop');
  }

  #succeed(reason: FinishReason): void {
    this.#ended = true;
    this.#giveUsage();
    this.#writer.close({ type: 'finish', reason });
  }

  #fail(error: TurnError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#giveUsage();
    this.#writer.close({ type: 'error', error });
  }

  #giveUsage(): void {
    const usage = this.#usage.total;
    if (usage !== undefined) this.#writer.close({ type: 'usage', usage });
  }

  #broken(what: string): TurnError {
    return plainError('upstream', what, this.#target);
  }
}
