import * as z from 'zod/mini';
import { parseJson } from '../../turn/json.ts';

/** What the extension host writes of an answer: one JSON object in a line. */
const answerLine = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('thinking'), text: z.string() }),
  z.object({
    type: z.literal('call'),
    callId: z.string(),
    name: z.string(),
    /** JSON text of an object. */
    arguments: z.string(),
  }),
  z.object({
    type: z.literal('usage'),
    inputTokens: z.number(),
    outputTokens: z.number(),
    cachedTokens: z.number(),
    reasoningTokens: z.number(),
  }),
  /** The model has said everything. */
  z.object({ type: z.literal('end') }),
  /** `code`: that of a LanguageModelError. */
  z.object({ type: z.literal('error'), code: z.string(), message: z.string() }),
]);

export type AnswerLine = Readonly<z.infer<typeof answerLine>>;

export function writeLine(line: AnswerLine): string {
  return `${JSON.stringify(line)}\n`;
}

/** The line, or `undefined` where it is of another version. */
export function readLine(text: string): AnswerLine | undefined {
  return answerLine.safeParse(parseJson(text)).data;
}
