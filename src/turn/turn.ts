/**
 * The neutral model of one request of Codex. The Responses protocol decodes into it and every wire
 * format encodes from it; neither knows the other.
 *
 * A decoded Turn is already well formed for any provider: every tool call is followed by exactly one
 * result, the results of a step come right after the assistant message that called, and no message
 * is empty. Adapters may rely on that.
 */
export interface Turn {
  /** The model's name at the provider, without our `provider/` prefix. */
  readonly model: string;
  readonly messages: readonly Message[];
  /** In the client's order, names unique and within `[A-Za-z_][A-Za-z0-9_-]{0,63}`. */
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice;
  /** `undefined`: the client did not say. */
  readonly parallelToolCalls: boolean | undefined;
  readonly reasoning: ReasoningRequest;
  readonly output: OutputFormat;
  readonly verbosity: string | undefined;
  readonly maxOutputTokens: number | undefined;
  readonly temperature: number | undefined;
  readonly topP: number | undefined;
  /** Same value for all requests of one session: the provider may use it to find its prompt cache. */
  readonly cacheKey: string | undefined;
  readonly serviceTier: string | undefined;
  /** Whether the client wants a stream; the upstream request asks for the same. */
  readonly stream: boolean;
}

/** What a turn leaves to the provider, where nobody has said anything about it. */
export const unsaid = {
  parallelToolCalls: undefined,
  verbosity: undefined,
  maxOutputTokens: undefined,
  temperature: undefined,
  topP: undefined,
  cacheKey: undefined,
  serviceTier: undefined,
} as const satisfies Partial<Turn>;

export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

/** Instructions: the base prompt first, others may come at any place of the conversation. */
export interface SystemMessage {
  readonly role: 'system';
  readonly content: readonly TextPart[];
}

export interface UserMessage {
  readonly role: 'user';
  readonly content: readonly (TextPart | ImagePart)[];
}

/** One step of the model. Parts are in the order in which the model made them. */
export interface AssistantMessage {
  readonly role: 'assistant';
  readonly content: readonly (TextPart | ReasoningPart | ToolCallPart)[];
}

/** The result of one call. All results of a step follow its assistant message, in call order. */
export interface ToolMessage {
  readonly role: 'tool';
  readonly callId: string;
  /** The tool's flattened name, as in `Turn.tools`. */
  readonly name: string;
  readonly content: readonly (TextPart | ImagePart)[];
}

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
}

export interface ImagePart {
  readonly type: 'image';
  /** `data:` or `https:`. */
  readonly url: string;
  readonly detail: 'auto' | 'low' | 'high' | 'original' | undefined;
}

export interface ReasoningPart {
  readonly type: 'reasoning';
  /** What a person may read: the summary, or the raw text where the provider gives that. */
  readonly text: string;
  /**
   * What the same provider and model family needs back verbatim (signatures, encrypted blocks,
   * `reasoning_details`). `undefined` for reasoning of another provider or without such data.
   */
  readonly carry: Json | undefined;
}

export interface ToolCallPart {
  readonly type: 'tool_call';
  readonly callId: string;
  /** The tool's flattened name, as in `Turn.tools`. */
  readonly name: string;
  /** JSON text of an object; repaired to `{}` where the history held something else. */
  readonly arguments: string;
}

/** A function that the model may call. Codex's other tool kinds have been flattened into this. */
export interface Tool {
  readonly name: string;
  readonly description: string;
  /** A JSON Schema whose root is `type: "object"`. */
  readonly parameters: JsonObject;
  readonly strict: boolean;
}

export type ToolChoice =
  | { readonly type: 'auto' }
  | { readonly type: 'none' }
  | { readonly type: 'required' }
  | { readonly type: 'tool'; readonly name: string };

export interface ReasoningRequest {
  /** As the client sent it (`none`, `minimal`, `low`, … `max`); adapters clamp it. */
  readonly effort: string | undefined;
  readonly summary: string | undefined;
}

export type OutputFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json_object' }
  | {
      readonly type: 'json_schema';
      readonly name: string;
      readonly schema: JsonObject;
      readonly strict: boolean;
    };

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}
