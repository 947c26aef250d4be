import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { loginKind } from '../../src/codex/loginKind.ts';

describe('loginKind', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ocx-login-'));
  });
  after(() => rm(folder, { recursive: true }));

  const tokens = { access_token: 'jwt', refresh_token: 'r' };
  const cases: readonly [what: string, file: string | object, kind: string][] = [
    ['a ChatGPT login', { auth_mode: 'chatgpt', OPENAI_API_KEY: null, tokens }, 'chatgpt'],
    ['an API key', { auth_mode: 'apikey', OPENAI_API_KEY: 'sk-x' }, 'api_key'],
    [
      'an API key chosen over a login',
      { auth_mode: 'apikey', OPENAI_API_KEY: 'sk-x', tokens },
      'api_key',
    ],
    [
      'a login chosen over an API key',
      { auth_mode: 'chatgpt', OPENAI_API_KEY: 'sk-x', tokens },
      'chatgpt',
    ],
    ['an older file with a login', { OPENAI_API_KEY: null, tokens }, 'chatgpt'],
    ['an older file with both', { OPENAI_API_KEY: 'sk-x', tokens }, 'api_key'],
    ['a login without tokens', { auth_mode: 'chatgpt', tokens: null }, 'none'],
    ['an empty key', { OPENAI_API_KEY: '' }, 'none'],
    ['an empty object', {}, 'none'],
    ['a list', [], 'none'],
    ['no JSON', '{"tokens": ', 'none'],
  ];
  for (const [what, file, kind] of cases) {
    it(`${what} is ${kind}`, async () => {
      const text = typeof file === 'string' ? file : JSON.stringify(file);
      await writeFile(join(folder, 'auth.json'), text);
      assert.equal(await loginKind(folder), kind);
    });
  }

  it('no file is none', async () => {
    assert.equal(await loginKind(join(folder, 'nowhere')), 'none');
  });
});
