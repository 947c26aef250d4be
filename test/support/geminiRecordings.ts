import { at, isRecord, type JsonRecord, listOf } from './json.ts';

/**
 * What an answer of the Gemini API says, read after https://ai.google.dev/api/generate-content,
 * https://ai.google.dev/gemini-api/docs/thought-signatures and, for arguments in pieces,
 * https://docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling#streaming-fc,
 * in the plainest way: all parts are laid in a row, then read.
 */
export interface GeminiReading {
  readonly text: string;
  readonly thoughts: string;
  /** The kind of each signed part and its signature, in order. */
  readonly signed: readonly (readonly [part: string, signature: string])[];
  readonly calls: readonly {
    readonly id: string;
    readonly name: string;
    readonly arguments: string;
  }[];
  readonly usage:
    | {
        readonly input: number;
        readonly output: number;
        readonly cached: number;
        readonly thoughts: number;
      }
    | undefined;
  readonly end: 'stop' | 'length' | 'withheld' | 'error' | 'cut';
  /** How the model's content has to go back: its text and calls, each signature where it came. */
  readonly replay: readonly unknown[];
}

export function readGeminiStream(bytes: Uint8Array): GeminiReading {
  const lines = new TextDecoder().decode(bytes).split(/\r\n|\n|\r/);
  return read(
    lines
      .filter((line) => line.startsWith('data:'))
      .map((line): unknown => JSON.parse(line.slice('data:'.length))),
  );
}

export function readGeminiWhole(bytes: Uint8Array): GeminiReading {
  const body: unknown = JSON.parse(new TextDecoder().decode(bytes));
  return read(Array.isArray(body) ? body : [body]);
}

const ends: Readonly<Record<string, GeminiReading['end']>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'withheld',
  RECITATION: 'withheld',
  PROHIBITED_CONTENT: 'withheld',
  MODEL_ARMOR: 'withheld',
};

function read(responses: readonly unknown[]): GeminiReading {
  const parts = responses
    .flatMap((response) => listOf(at(response, 'candidates', 0, 'content', 'parts')))
    .filter(isRecord);
  const calls = parts.flatMap((part, index) => joined(part, parts.slice(index + 1)));
  const steps = [...textSteps(parts), ...calls];
  const order = (step: Step): number => parts.indexOf(step.first);
  steps.sort((one, other) => order(one) - order(other));
  const reasons = responses.map((response) => at(response, 'candidates', 0, 'finishReason'));
  const reason = reasons.findLast((word) => word !== undefined);
  const blocked = responses.some((response) => isRecord(at(response, 'promptFeedback')));
  const failed = responses.some((response) => isRecord(at(response, 'error')));
  const end = failed
    ? 'error'
    : blocked
      ? 'withheld'
      : reason === undefined
        ? 'cut'
        : (ends[String(reason)] ?? 'error');
  const usages = responses
    .map((response) => at(response, 'usageMetadata'))
    .filter((usage) => isRecord(usage) && 'promptTokenCount' in usage);
  return {
    text: wordsOf(parts).join(''),
    thoughts: parts
      .filter((part) => part['thought'] === true)
      .map((part) => part['text'])
      .join(''),
    signed: steps.flatMap(({ part, kind }) =>
      typeof part['thoughtSignature'] === 'string' ? [[kind, part['thoughtSignature']]] : [],
    ),
    calls:
      end === 'stop'
        ? calls.map(({ part }) => ({
            id: String(at(part, 'functionCall', 'id') ?? ''),
            name: String(at(part, 'functionCall', 'name')),
            arguments: JSON.stringify(at(part, 'functionCall', 'args')),
          }))
        : [],
    usage: countsOf(usages.at(-1)),
    end,
    replay: replayOf(steps.map((step) => step.part)),
  };
}

interface Step {
  readonly first: JsonRecord;
  /** The same, with all of its arguments. */
  readonly part: JsonRecord;
  readonly kind: 'text' | 'thought' | 'call';
}

/** A part may consist of nothing but a signature. */
function textSteps(parts: readonly JsonRecord[]): Step[] {
  return parts.flatMap((part): Step[] => {
    const bare = Object.keys(part).join() === 'thoughtSignature';
    if (typeof part['text'] !== 'string' && !bare) return [];
    return [{ first: part, part, kind: part['thought'] === true ? 'thought' : 'text' }];
  });
}

/** Texts that stand side by side belong together; white space alone is no text. */
function wordsOf(parts: readonly JsonRecord[]): readonly string[] {
  const groups: string[] = [''];
  for (const part of parts) {
    const { text, thought, thoughtSignature } = part;
    const isText = typeof text === 'string' && thought !== true;
    if (isText) groups.push(`${groups.pop() ?? ''}${text}`);
    if (thoughtSignature !== undefined || 'functionCall' in part || thought === true)
      groups.push('');
  }
  return groups.filter((group) => group.trim() !== '');
}

/** A call with its arguments put together; `rest` is what comes behind its first part. */
function joined(first: JsonRecord, rest: readonly JsonRecord[]): readonly Step[] {
  const call = first['functionCall'];
  if (!isRecord(call) || typeof call['name'] !== 'string') return [];
  const end = rest.findIndex((part) => at(part, 'functionCall', 'name') !== undefined);
  const args: unknown = structuredClone(call['args'] ?? {});
  for (const part of [first, ...rest.slice(0, end < 0 ? rest.length : end)]) {
    for (const piece of listOf(at(part, 'functionCall', 'partialArgs'))) put(args, piece);
  }
  return [{ first, part: { ...first, functionCall: { ...call, args } }, kind: 'call' }];
}

function put(args: unknown, piece: unknown): void {
  const keys = String(at(piece, 'jsonPath')).match(/\w+/g) ?? [];
  const value = at(piece, 'stringValue') ?? at(piece, 'numberValue') ?? at(piece, 'boolValue');
  let here = args;
  for (const [index, key] of keys.entries()) {
    if (typeof here !== 'object' || here === null) throw new Error(`no place for ${key}`);
    const before: unknown = Reflect.get(here, key);
    const empty = /^\d+$/.test(keys[index + 1] ?? '') ? [] : {};
    const isLeaf = index === keys.length - 1;
    const text = typeof before === 'string' ? before + String(value) : value;
    Reflect.set(here, key, isLeaf ? text : (before ?? empty));
    here = Reflect.get(here, key);
  }
}

function replayOf(parts: readonly JsonRecord[]): readonly unknown[] {
  const out: Record<string, unknown>[] = [];
  for (const { text, thought, thoughtSignature, functionCall } of parts) {
    const signature = thoughtSignature === undefined ? {} : { thoughtSignature };
    const last = out.at(-1);
    if (isRecord(functionCall)) {
      const { name, args } = functionCall;
      out.push({ functionCall: { name, args }, ...signature });
    } else if (thought === true) {
      if (thoughtSignature !== undefined) out.push({ text, thought, ...signature });
    } else if (thoughtSignature !== undefined) {
      out.push({ text: text ?? '', ...signature });
    } else if (last !== undefined && 'text' in last && !('thoughtSignature' in last)) {
      last['text'] = `${last['text']}${text}`;
    } else if (text !== '') {
      out.push({ text });
    }
  }
  return out;
}

function countsOf(usage: unknown): GeminiReading['usage'] {
  if (usage === undefined) return undefined;
  const count = (key: string): number => Number(at(usage, key) ?? 0);
  return {
    input: count('promptTokenCount') + count('toolUsePromptTokenCount'),
    output: count('candidatesTokenCount') + count('thoughtsTokenCount'),
    cached: count('cachedContentTokenCount'),
    thoughts: count('thoughtsTokenCount'),
  };
}
