import assert from 'node:assert/strict';
import type { ReplyContext } from '../../src/responses/reply.ts';
import { decodeRequest } from '../../src/responses/request.ts';
import type { Turn } from '../../src/turn/turn.ts';

/** A provider for requests of tests. */
export const target = {
  requestedModel: 'acme/large',
  provider: 'acme',
  model: 'large',
  rewriteIdentity: true,
};

export function bytesOf(body: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(body));
}

/** Decodes a body that must be accepted. */
export function decoded(body: object): { readonly turn: Turn; readonly reply: ReplyContext } {
  const result = decodeRequest(bytesOf({ model: 'acme/large', ...body }), target);
  assert.ok(result.ok, result.ok ? '' : result.error.message);
  return result;
}

/** The sentence with which a body is refused. */
export function refusal(body: unknown): string {
  const result = decodeRequest(bytesOf(body), target);
  assert.ok(!result.ok, 'the request was accepted');
  assert.equal(result.error.kind, 'bad_request');
  return result.error.message;
}

export function user(text: string): object {
  return { type: 'message', role: 'user', content: [{ type: 'input_text', text }] };
}

export function assistant(text: string): object {
  return { type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] };
}

export function call(id: string, name: string, args = '{}', namespace?: string): object {
  return {
    type: 'function_call',
    call_id: id,
    name,
    arguments: args,
    ...(namespace === undefined ? {} : { namespace }),
  };
}

export function output(id: string, text: string): object {
  return { type: 'function_call_output', call_id: id, output: text };
}

/** A function tool as Codex declares it. */
export function functionTool(
  name: string,
  parameters: object = { type: 'object', properties: {} },
): object {
  return { type: 'function', name, description: `About ${name}`, strict: false, parameters };
}

/** What stands for a conversation in assertions: role and the essence of each part. */
export function outline(turn: Turn): string[] {
  return turn.messages.map((message) => {
    const parts = message.content.map((part) => {
      if (part.type === 'text') return part.text;
      if (part.type === 'image') return `<${part.url}>`;
      return part.type === 'reasoning'
        ? `(${part.text})`
        : `${part.callId}=${part.name}${part.arguments}`;
    });
    const head = message.role === 'tool' ? `tool ${message.callId}` : message.role;
    return `${head}: ${parts.join(' | ')}`;
  });
}
