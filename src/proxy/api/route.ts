import type * as z from 'zod/mini';
import type { Operation } from '../../link/api/operation.ts';
import type { ApiCall, ApiReply } from '../../link/api.ts';

/** What an operation gives: its answer, or why there is none. */
export type Outcome<A> =
  | { readonly ok: true; readonly value: A }
  /** The sentence is for the user. */
  | { readonly ok: false; readonly status: number; readonly message: string };

/** An operation with what carries it out. */
export interface Route {
  readonly name: string;
  readonly method: string;
  readonly segments: readonly string[];
  run(input: Readonly<Record<string, unknown>>): Promise<ApiReply>;
}

/** Puts an operation and its function together; the input is checked before it gets there. */
export function route<I extends z.ZodMiniType, A extends z.ZodMiniType>(
  name: string,
  { input }: Operation<I, A>,
  act: (input: z.output<I>) => Outcome<z.input<A>> | Promise<Outcome<z.input<A>>>,
): Route {
  const [method = '', path = ''] = name.split(' ');
  return {
    name,
    method,
    segments: path.split('/'),
    async run(given) {
      const parsed = input.safeParse(given);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        const where =
          issue === undefined || issue.path.length === 0 ? '' : ` (${issue.path.join('.')})`;
        const message = `The request "${name}" is not understood${where}: ${issue?.message ?? 'it is malformed'}.`;
        return refusal(400, message);
      }
      const outcome = await act(parsed.data);
      return outcome.ok
        ? { status: 200, body: outcome.value }
        : refusal(outcome.status, outcome.message);
    },
  };
}

export function answer<A>(value: A): { readonly ok: true; readonly value: A } {
  return { ok: true, value };
}

export const done = { ok: true, value: { ok: true } } as const;

export function refuse(status: number, message: string): Extract<Outcome<never>, { ok: false }> {
  return { ok: false, status, message };
}

export function refusal(status: number, message: string): ApiReply {
  return { status, body: { error: { message } } };
}

/** The fields of the path, the query and the body together; `undefined` where it is not this path. */
export function inputOf(
  { method, segments }: Route,
  call: ApiCall,
): Readonly<Record<string, unknown>> | undefined {
  if (method !== call.method) return undefined;
  const mark = call.path.indexOf('?');
  const path = mark === -1 ? call.path : call.path.slice(0, mark);
  const parts = path.split('/');
  if (parts.length !== segments.length) return undefined;
  const fields: Record<string, unknown> = {};
  for (const [index, segment] of segments.entries()) {
    const part = decoded(parts[index] ?? '');
    if (segment.startsWith(':') && part !== '') fields[segment.slice(1)] = part;
    else if (segment !== part) return undefined;
  }
  const query = mark === -1 ? '' : call.path.slice(mark);
  return { ...Object.fromEntries(new URLSearchParams(query)), ...Object(call.body), ...fields };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
