// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to environment variables in config.json
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { toolSchema } from '../../src/adapters/schema/toolSchema.ts';
import { resolveReferences } from '../../src/credentials/envReference.ts';
import { draftProvider } from '../../src/providers/addProvider.ts';
import { startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { ask, turn } from './client.ts';

/** Every object of JavaScript has fields of these names. */
const inherited = ['constructor', 'toString', 'hasOwnProperty', '__proto__', 'valueOf'] as const;

const sim = { adapter: 'openai-chat', baseUrl: 'http://127.0.0.1:1/v1', models: ['m'] };

test('a model of a provider that nobody has is refused by name, whatever the name', async (t) => {
  const proxy = await startProxy(testScope(t), { providers: { sim }, defaultProvider: 'sim' });
  for (const name of inherited) {
    const { status, body } = await turn(proxy, { model: `${name}/x` });
    assert.equal(status, 400, name);
    assert.ok(body.startsWith(`There is no provider "${name}".`), body);
  }
});

test('operations on a provider that nobody has are refused, and config.json stays as it is', async (t) => {
  const proxy = await startProxy(testScope(t), { providers: { sim }, defaultProvider: 'sim' });
  const path = join(proxy.home, 'config.json');
  const before = readFileSync(path, 'utf8');
  for (const id of inherited) {
    const calls: readonly (readonly [string, string, object | undefined])[] = [
      ['PUT', `/api/providers/${id}`, { entry: { label: 'x' } }],
      ['PUT', `/api/providers/${id}/key`, { key: 'key-0123456789', keep: 'config' }],
      ['DELETE', `/api/providers/${id}`, undefined],
      ['POST', `/api/providers/${id}/test`, {}],
      ['PUT', '/api/default-provider', { id }],
      ['POST', '/api/models/refresh', { provider: id }],
      ['GET', `/api/oauth/status?provider=${id}`, undefined],
      ['POST', '/api/oauth/cancel', { provider: id }],
      ['GET', `/api/requests/${id}`, undefined],
    ];
    for (const [method, at, given] of calls) {
      const body = given && { body: JSON.stringify(given) };
      const answer = await ask(proxy, { method, path: at, ...body });
      assert.equal(answer.status, 404, `${method} ${at}: ${answer.body}`);
    }
  }
  assert.equal(readFileSync(path, 'utf8'), before);
});

test('what stands in braces is what somebody has given, not what every object has', () => {
  for (const name of inherited) {
    assert.deepEqual(resolveReferences(`\${${name}}`, {}), { ok: false, variable: name });
    const draft = draftProvider({ id: 'x', baseUrl: `https://{${name}}.example`, values: {} });
    assert.equal(draft.ok, false);
    assert.match(draft.ok ? '' : draft.message, new RegExp(`^"${name}" is missing`));
  }
});

test('a tool may call its fields what every object has', () => {
  const properties = { constructor: { type: 'string' }, toString: { type: 'number' } };
  const schema = { anyOf: [{ type: 'object', properties }] };
  assert.deepEqual(toolSchema(schema, 'objectRoot')['properties'], properties);
});
