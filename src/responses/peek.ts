import { type TurnError, turnError } from '../turn/error.ts';
import {
  JsonScanError,
  scanObject,
  skipSpace,
  standsAt,
  textStart,
  unexpected,
  valueAt,
} from './jsonScan.ts';
import { LongTexts, type TextSpans } from './longTexts.ts';

/** What routing needs of a request. */
export interface RequestPeek {
  readonly model: string;
  /** The span of the model's JSON string in the body, quotes included. */
  readonly modelStart: number;
  readonly modelEnd: number;
  readonly stream: boolean;
  /** Long texts of `input` that may be copied as they are. */
  readonly texts: TextSpans | undefined;
}

export type Peeked =
  | { readonly ok: true; readonly peek: RequestPeek }
  | { readonly ok: false; readonly error: TurnError };

/**
 * Finds model and stream in a body without parsing it. It always reads to the end: Codex sends
 * `stream` early, but a `model` that came twice could be read differently by us and by the provider,
 * so that is refused, where other keys are taken as JSON.parse does: the last one counts. Texts are
 * not looked for where the model stands before them and is one of those that `copiesTexts` denies.
 */
export function peekRequest(
  body: Uint8Array,
  copiesTexts: (model: string) => boolean = () => true,
): Peeked {
  let model: unknown;
  let modelStart = 0;
  let modelEnd = 0;
  let stream: unknown;
  let twice = false;
  const texts = new LongTexts(body);
  const member = (keyStart: number, keyEnd: number, start: number, valueEnd: number): void => {
    // `"model"` and `"stream"` have 7 and 8 bytes; a key with escapes may be longer.
    const length = keyEnd - keyStart;
    const plain = length === 7 ? modelKey : length === 8 ? streamKey : undefined;
    if (plain !== undefined && !standsAt(plain, body, keyStart)) return;
    if (plain === undefined && (length < 7 || !hasEscape(body, keyStart, keyEnd))) return;
    const key = valueAt(body, keyStart, keyEnd);
    if (key === 'model') {
      twice = modelEnd > 0;
      model = scalarAt(body, start, valueEnd);
      modelStart = start;
      modelEnd = valueEnd;
    } else if (key === 'stream') stream = scalarAt(body, start, valueEnd);
  };
  const readerOf = (keyStart: number, keyEnd: number): LongTexts | undefined => {
    if (!isInput(body, keyStart, keyEnd)) return undefined;
    if (typeof model === 'string' && !copiesTexts(model)) texts.stop();
    return texts;
  };
  try {
    const end = scanObject(body, textStart(body), member, readerOf);
    const rest = skipSpace(body, end);
    if (rest < body.length) throw unexpected(body, rest);
  } catch (error) {
    if (!(error instanceof JsonScanError || error instanceof SyntaxError)) throw error;
    const why = error instanceof JsonScanError ? `: ${error.message}` : '';
    return refused(`Invalid request: the body is not a valid JSON object${why}.`);
  }
  if (twice) return refused('Invalid request: "model" is given more than once.');
  if (modelEnd === 0) return refused('Invalid request: "model" must be a name, but is missing.');
  if (typeof model !== 'string' || model === '')
    return refused(
      `Invalid request: "model" must be a name, but is ${model === '' ? 'empty' : 'not a string'}.`,
    );
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean')
    return refused('Invalid request: "stream" must be true or false.');
  const { spans } = texts;
  return { ok: true, peek: { model, modelStart, modelEnd, stream: stream === true, texts: spans } };
}

const modelKey = new TextEncoder().encode('"model"');
const streamKey = new TextEncoder().encode('"stream"');
const inputKey = new TextEncoder().encode('"input"');

function isInput(body: Uint8Array, start: number, end: number): boolean {
  return end - start === inputKey.length && standsAt(inputKey, body, start);
}

/** The same body for another model; every other byte stays as it is. */
export function replaceModel(body: Uint8Array, peek: RequestPeek, model: string): Uint8Array {
  const name = new TextEncoder().encode(JSON.stringify(model));
  const out = new Uint8Array(body.length - (peek.modelEnd - peek.modelStart) + name.length);
  out.set(body.subarray(0, peek.modelStart));
  out.set(name, peek.modelStart);
  out.set(body.subarray(peek.modelEnd), peek.modelStart + name.length);
  return out;
}

function refused(message: string): Peeked {
  return { ok: false, error: turnError('bad_request', message) };
}

function hasEscape(body: Uint8Array, start: number, end: number): boolean {
  // Six bytes (`\\u0041`) for each letter is the longest spelling.
  return end - start <= 6 * 6 + 2 && body.subarray(start, end).includes(0x5c);
}

/** The value of a span; an object or array stays unread, as no value of that kind is meant here. */
function scalarAt(body: Uint8Array, start: number, end: number): unknown {
  const first = body[start];
  return first === 0x7b || first === 0x5b ? {} : valueAt(body, start, end);
}
