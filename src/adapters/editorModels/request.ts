import * as z from 'zod/mini';

/**
 * A turn for one of the editor's own models: plain data for the extension host, which alone can talk
 * to them. There is no role for instructions: https://code.visualstudio.com/api/references/vscode-api#lm
 */
const text = z.object({ type: z.literal('text'), text: z.string() });
const image = z.object({
  type: z.literal('image'),
  mimeType: z.string(),
  /** Base64. */
  data: z.string(),
});
const call = z.object({
  type: z.literal('call'),
  callId: z.string(),
  name: z.string(),
  input: z.record(z.string(), z.unknown()),
});
const result = z.object({
  type: z.literal('result'),
  callId: z.string(),
  content: z.array(z.union([text, image])),
});

const editorRequest = z.object({
  model: z.string(),
  messages: z.array(
    z.object({
      role: z.enum(['user', 'assistant']),
      content: z.array(z.discriminatedUnion('type', [text, image, call, result])),
    }),
  ),
  tools: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      inputSchema: z.record(z.string(), z.unknown()),
    }),
  ),
  /** The model must call one of the tools. */
  mustCall: z.boolean(),
});

export type EditorRequest = z.infer<typeof editorRequest>;
export type EditorMessage = EditorRequest['messages'][number];
export type EditorPart = EditorMessage['content'][number];
export type EditorContent = Extract<EditorPart, { type: 'text' | 'image' }>;

/** The request, or `undefined` where it is none: the other side may be of another version. */
export function readEditorRequest(value: unknown): EditorRequest | undefined {
  return editorRequest.safeParse(value).data;
}
