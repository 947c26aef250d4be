import { randomBytes } from 'node:crypto';
import { at, isRecord } from './json.ts';

/**
 * What a fake provider answers, without a word of any wire format. Each wire's fake plays the same
 * script in its own protocol, so that a scenario is written once.
 */
export type Step =
  | { readonly step: 'text'; readonly text: string }
  | { readonly step: 'reasoning'; readonly text: string }
  | {
      readonly step: 'call';
      readonly id: string;
      readonly name: string;
      /** As the model wrote it; need not be JSON. */
      readonly arguments: string;
    }
  /** The provider searches the web itself, which the request has to have asked for. */
  | SearchedStep
  | { readonly step: 'silence'; readonly ms: number; readonly beforeHeaders: boolean }
  | { readonly step: 'gate'; readonly opened: Promise<void> }
  | { readonly step: 'usage'; readonly usage: ScriptUsage }
  | { readonly step: 'finish'; readonly reason: 'length' | 'content_filter' }
  /** The provider says in the middle of a stream that it failed. */
  | { readonly step: 'failure'; readonly message: string }
  /** The socket is destroyed. */
  | { readonly step: 'cut' }
  /** The answer ends properly on the HTTP level, without the protocol's own end. */
  | { readonly step: 'stop_short' };

export interface SearchedStep {
  readonly step: 'searched';
  readonly query: string;
  readonly pages: readonly FoundPage[];
  /** The search has failed, with the provider's word for it. */
  readonly error?: string;
  /** The provider breaks off behind it, where it can, and wants to be asked to go on. */
  readonly paused?: true;
}

export interface FoundPage {
  readonly url: string;
  readonly title: string;
  readonly content: string;
}

/** As providers count: cached is part of input, reasoning is part of output. */
export interface ScriptUsage {
  readonly input: number;
  readonly output: number;
  readonly cached: number;
  readonly reasoning: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Answer = readonly Step[] | HttpAnswer;

/** One answer of the provider; a function decides when it has seen the request, as a model does. */
export type Turn = Answer | ((request: SeenRequest) => Answer);

/** A request as the provider understood it, without a word of its wire format. */
export interface SeenRequest {
  readonly model: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The body as JSON, for what only one wire has. */
  readonly body: unknown;
  readonly stream: boolean;
  readonly tools: readonly SeenTool[];
  /** The entry that makes the provider search itself, as it came. */
  readonly serverSearch?: unknown;
  readonly messages: readonly SeenMessage[];
  /** Settles when the answer is over: `aborted` when the client went away first. */
  readonly outcome: Promise<'answered' | 'aborted'>;
}

export interface SeenTool {
  readonly name: string;
  readonly description: string;
  readonly parameters: unknown;
}

export interface SeenMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly text: string;
  /** What it had thought, where the wire carries that back. */
  readonly reasoning: string;
  /** URLs of images. */
  readonly images: readonly string[];
  readonly calls: readonly SeenCall[];
  /** Of a tool message. */
  readonly callId: string | undefined;
}

export interface SeenCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

export const text = (words: string): Step => ({ step: 'text', text: words });

export const reasoning = (words: string): Step => ({ step: 'reasoning', text: words });

/**
 * A tool call; an object becomes JSON, a string is sent as it is. Its id begins with `label`, by which
 * `resultOf` finds the result again.
 */
export function call(name: string, args: object | string, label = 'call'): Step {
  return {
    step: 'call',
    id: `${label}-${randomBytes(8).toString('hex')}`,
    name,
    arguments: typeof args === 'string' ? args : JSON.stringify(args),
  };
}

export const searched = (
  query: string,
  pages: readonly FoundPage[],
  more: Pick<SearchedStep, 'error' | 'paused'> = {},
): Step => ({ step: 'searched', query, pages, ...more });

export const silence = (ms: number): Step => ({ step: 'silence', ms, beforeHeaders: false });

export const silenceBeforeHeaders = (ms: number): Step => ({
  step: 'silence',
  ms,
  beforeHeaders: true,
});

export const waitFor = (opened: Promise<void>): Step => ({ step: 'gate', opened });

export const usage = (counts: Partial<ScriptUsage>): Step => ({
  step: 'usage',
  usage: { input: 0, output: 0, cached: 0, reasoning: 0, ...counts },
});

export const finish = (reason: 'length' | 'content_filter'): Step => ({ step: 'finish', reason });

export const failure = (message: string): Step => ({ step: 'failure', message });

export const cut: Step = { step: 'cut' };

export const stopShort: Step = { step: 'stop_short' };

/** An answer that is no stream: an error, a page of a gateway. */
export function http(
  status: number,
  body: object | string,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  return typeof body === 'string'
    ? { status, headers: { 'content-type': 'text/html', ...headers }, body }
    : {
        status,
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      };
}

/** The offered tool that a model would pick for this description or name. */
export function offered(request: SeenRequest, like: RegExp): string {
  const found = request.tools.filter((tool) => like.test(tool.name) || like.test(tool.description));
  const [only, ...others] = found;
  if (only === undefined || others.length > 0) {
    const names = (found.length === 0 ? request.tools : found).map((tool) => tool.name).join(', ');
    throw new Error(`${found.length} tools are like ${like}: ${names}`);
  }
  return only.name;
}

/** A call of a tool that takes free text, as a model that only knows functions makes it. */
export function freeform(request: SeenRequest, name: string, input: string, label?: string): Step {
  const tool = request.tools.find((candidate) => candidate.name === name);
  const properties = at(tool?.parameters, 'properties');
  const [only, ...others] = isRecord(properties) ? Object.keys(properties) : [];
  if (only === undefined || others.length > 0) {
    throw new Error(`${name} is not offered as a function of one text: ${JSON.stringify(tool)}`);
  }
  return call(name, { [only]: input }, label);
}

/** What the provider was told about the outcome of a call. */
export function resultOf(request: SeenRequest, label: string): SeenMessage {
  const found = request.messages.find((message) => message.callId?.startsWith(`${label}-`));
  if (found === undefined) throw new Error(`the provider got no result of ${label}`);
  return found;
}

export function isHttp(answer: Answer): answer is HttpAnswer {
  return !Array.isArray(answer);
}
