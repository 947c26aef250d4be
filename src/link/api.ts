import * as z from 'zod/mini';
import { editorModelsApi } from './api/editorModelsApi.ts';
import { loginsApi } from './api/loginsApi.ts';
import { modelsApi } from './api/modelsApi.ts';
import { providersApi } from './api/providersApi.ts';
import { proxyApi } from './api/proxyApi.ts';
import { requestsApi } from './api/requestsApi.ts';
import { settingsApi } from './api/settingsApi.ts';

/**
 * The management API: everything that a window, `ocx` or the dashboard may ask of the proxy, by
 * method and path. It does not matter which window serves.
 */
export const api = {
  ...proxyApi,
  ...providersApi,
  ...loginsApi,
  ...modelsApi,
  ...requestsApi,
  ...settingsApi,
  ...editorModelsApi,
} as const;

export type ApiName = keyof typeof api;
export type ApiInput<K extends ApiName> = z.input<(typeof api)[K]['input']>;
export type ApiAnswer<K extends ApiName> = Readonly<z.output<(typeof api)[K]['answer']>>;

/** A request as it travels: over HTTP, to a worker, from a page. */
export interface ApiCall {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly body?: unknown;
}

export interface ApiReply {
  readonly status: number;
  readonly body: unknown;
}

export type ApiResult<K extends ApiName> =
  | { readonly ok: true; readonly value: ApiAnswer<K> }
  /** The sentence is for the user. */
  | { readonly ok: false; readonly status: number; readonly message: string };

/** The request for an operation. */
export function apiCall<K extends ApiName>(name: K, input: ApiInput<K>): ApiCall {
  const [method = '', pattern = ''] = name.split(' ');
  const fields = new Map<string, unknown>(Object.entries(Object(input)));
  const path = pattern.replace(/:(\w+)/g, (_whole, field: string) => {
    const value = String(fields.get(field) ?? '');
    fields.delete(field);
    return encodeURIComponent(value);
  });
  if (method === 'POST' || method === 'PUT') {
    return { method, path, body: Object.fromEntries(fields) };
  }
  const query = new URLSearchParams();
  for (const [field, value] of fields) {
    if (value !== undefined) query.set(field, String(value));
  }
  return { method, path: query.size === 0 ? path : `${path}?${query}` };
}

const failure = z.object({ error: z.object({ message: z.string() }) });

/** Reads the answer to an operation; the other side may be of another version. */
export function apiResult<K extends ApiName>(name: K, { status, body }: ApiReply): ApiResult<K> {
  if (status !== 200) {
    const message = failure.safeParse(body).data?.error.message;
    return { ok: false, status, message: message ?? `The proxy answers ${status}.` };
  }
  const answer = readAnswer(name, body);
  if (answer === undefined) {
    const message = `The proxy's answer to "${name}" is not understood: it is of another version. Restart the editor windows, or stop the older ocx.`;
    return { ok: false, status: 502, message };
  }
  return { ok: true, value: answer };
}

function readAnswer<K extends ApiName>(name: K, body: unknown): ApiAnswer<K> | undefined {
  const { answer } = api[name];
  return isAnswer(answer, name, body) ? body : undefined;
}

function isAnswer<K extends ApiName>(
  schema: z.ZodMiniType,
  _name: K,
  body: unknown,
): body is ApiAnswer<K> {
  return schema.safeParse(body).success;
}
