import type { TurnError } from '../../turn/error.ts';
import type { FinishReason, TurnEvent, Usage } from '../../turn/event.ts';
import { isJsonObject, parseJson } from '../../turn/json.ts';
import type { Json, JsonObject } from '../../turn/turn.ts';
import type { AnswerKind, Decoder } from '../adapter.ts';
import { fieldOf, listOf, textOf } from '../json.ts';
import { SseReader } from '../sse.ts';
import type { Target } from '../target.ts';
import { errorFromNonsense, plainError } from '../upstreamErrors.ts';
import { WholeBody } from '../wholeBody.ts';
import { AnswerWriter } from './answerWriter.ts';
import { errorFromEvent } from './errors.ts';
import { endingOf } from './finishReason.ts';
import { PartialArgs } from './partialArgs.ts';
import { calledName } from './tools.ts';
import { usageOf } from './usage.ts';

/**
 * Reads one answer. Each event of a stream is a whole GenerateContentResponse with the parts that are
 * new: https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse
 */
export function decoder(target: Target, kind: AnswerKind): Decoder {
  return new ResponseDecoder(target, kind);
}

/** A call whose arguments arrive value by value. */
interface PartialCall {
  readonly id: string | undefined;
  readonly name: string;
  readonly args: PartialArgs;
  signature: string | undefined;
}

const nothing: readonly TurnEvent[] = [];

class ResponseDecoder implements Decoder {
  readonly #target: Target;
  readonly #framing: SseReader | WholeBody;
  readonly #writer = new AnswerWriter();
  #partial: PartialCall | undefined;
  #usage: Usage | undefined;
  #reason: string | undefined;
  #reasonText = '';
  #ended = false;

  constructor(target: Target, kind: AnswerKind) {
    this.#target = target;
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
    if (this.#framing instanceof WholeBody) this.#readBody(this.#framing.text());
    else for (const data of this.#framing.end()) this.#readLast(data);
    this.#finish();
    return this.#writer.take();
  }

  #readData(data: string): void {
    if (this.#ended) return;
    if (data === '[DONE]') {
      this.#finish();
      return;
    }
    const event = parseJson(data);
    if (event === undefined)
      this.#fail(this.#broken(`it sent a broken event: ${data.slice(0, 80)}`));
    else this.#readAll(event);
  }

  /** An event without its end: whole where only the blank line is missing. */
  #readLast(data: string): void {
    if (data === '[DONE]' || parseJson(data) !== undefined) this.#readData(data);
    else this.#fail(this.#cut());
  }

  #readBody(text: string): void {
    const body = parseJson(text);
    if (Array.isArray(body)) this.#readAll(body);
    else if (isJsonObject(body) && isAnswer(body)) this.#read(body);
    else if (isJsonObject(body)) this.#fail(errorFromEvent(body, this.#target));
    else if (body === undefined && /^\s*[{[]/.test(text)) this.#fail(this.#cut());
    else this.#fail(errorFromNonsense(text, this.#target));
  }

  /** Without `alt=sse` a stream is one array of responses. */
  #readAll(value: Json): void {
    if (isJsonObject(value)) this.#read(value);
    else for (const response of listOf(value)) if (isJsonObject(response)) this.#read(response);
  }

  #read(response: JsonObject): void {
    if (this.#ended) return;
    const { candidates, promptFeedback, usageMetadata, error, message } = response;
    if (error !== undefined || (message !== undefined && !isAnswer(response))) {
      this.#fail(errorFromEvent(response, this.#target));
      return;
    }
    this.#usage = usageOf(usageMetadata) ?? this.#usage;
    const [candidate] = listOf(candidates);
    for (const part of listOf(fieldOf(fieldOf(candidate, 'content'), 'parts')))
      this.#readPart(part);
    // The prompt itself was withheld: there is no candidate.
    const blocked =
      textOf(fieldOf(promptFeedback, 'blockReason')) === '' ? '' : 'PROHIBITED_CONTENT';
    this.#reason = textOf(fieldOf(candidate, 'finishReason')) || blocked || this.#reason;
    this.#reasonText = textOf(fieldOf(candidate, 'finishMessage')) || this.#reasonText;
  }

  /** Parts of Google's own tools are left out: the request offers none. */
  #readPart(part: Json): void {
    if (!isJsonObject(part)) return;
    const { text, thought, functionCall, thoughtSignature } = part;
    const signature = textOf(thoughtSignature);
    if (isJsonObject(functionCall)) {
      this.#readCall(functionCall, signature || undefined);
    } else if (typeof text === 'string' && thought === true) {
      this.#writer.thought(text);
      if (signature !== '') this.#writer.signThought(text.length, signature);
    } else if (typeof text === 'string') {
      this.#writer.text(text);
      if (signature !== '') this.#writer.signText(text.length, signature);
    } else if (signature !== '' && Object.keys(part).length === 1) {
      this.#writer.signText(0, signature);
    }
  }

  #readCall(call: JsonObject, signature: string | undefined): void {
    const { id, name, args, partialArgs, willContinue } = call;
    if (typeof name === 'string' && name !== '') {
      this.#endPartial();
      const callId = textOf(id) || undefined;
      const called = calledName(name);
      if (willContinue !== true && partialArgs === undefined) {
        this.#writer.call(
          callId,
          called,
          JSON.stringify(isJsonObject(args) ? args : {}),
          signature,
        );
        return;
      }
      this.#partial = { id: callId, name: called, args: new PartialArgs(), signature };
    }
    if (this.#partial === undefined) return;
    this.#partial.signature ??= signature;
    for (const partialArg of listOf(partialArgs)) this.#partial.args.add(partialArg);
    if (willContinue !== true) this.#endPartial();
  }

  #endPartial(): void {
    const call = this.#partial;
    this.#partial = undefined;
    if (call !== undefined) {
      this.#writer.call(call.id, call.name, call.args.toString(), call.signature);
    }
  }

  /** Only the end of the answer says that no more comes: some hosts give a reason with every event. */
  #finish(): void {
    if (this.#ended) return;
    if (this.#reason === undefined) {
      this.#fail(this.#cut());
      return;
    }
    const ending = endingOf(this.#reason);
    const { hasText, hasCalls } = this.#writer;
    const halfCall = this.#partial !== undefined;
    switch (ending.type) {
      case 'stop':
        if (halfCall) {
          this.#fail(this.#cut());
        } else if (!hasText && !hasCalls) {
          // It happens after tool results; asked again, the model mostly goes on.
          this.#fail(this.#broken('its answer is empty'));
        } else {
          this.#writer.release();
          this.#succeed('stop');
        }
        break;
      case 'length':
      case 'content_filter':
        // The turn fails or ends here: no call may run.
        this.#writer.drop();
        this.#succeed(ending.type);
        break;
      case 'continuation':
        this.#writer.drop();
        // To ask again without anything new would end the same way.
        this.#succeed(hasText && !hasCalls && !halfCall ? 'pause' : 'length');
        break;
      case 'error': {
        const words = [this.#reason, this.#reasonText].filter((text) => text !== '').join(': ');
        this.#fail(plainError(ending.kind, words, this.#target));
        break;
      }
    }
  }

  #succeed(reason: FinishReason): void {
    this.#ended = true;
    this.#giveUsage();
    this.#writer.push({ type: 'finish', reason });
  }

  #fail(error: TurnError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#giveUsage();
    this.#writer.push({ type: 'error', error });
  }

  #giveUsage(): void {
    if (this.#usage !== undefined) this.#writer.push({ type: 'usage', usage: this.#usage });
  }

  #cut(): TurnError {
    return plainError('cut', '', this.#target);
  }

  #broken(what: string): TurnError {
    return plainError('upstream', what, this.#target);
  }
}

/** Anything else is a gateway's own error, or another API's answer. */
function isAnswer(response: JsonObject): boolean {
  return ['candidates', 'promptFeedback', 'usageMetadata'].some((key) => key in response);
}
