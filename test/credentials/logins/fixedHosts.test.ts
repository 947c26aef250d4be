import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { configSchema } from '../../../src/config/schema.ts';
import {
  type LoginDefinition,
  loginDefinitions,
} from '../../../src/credentials/logins/definitions.ts';
import { isPinned } from '../../../src/credentials/logins/hostPin.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

function sources(folder: string): readonly (readonly [path: string, text: string])[] {
  return readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(tsx?|mjs|cjs|js)$/.test(name))
    .map((name) => [`${folder}/${name}`, readFileSync(`${root}${folder}/${name}`, 'utf8')]);
}

/** The names under which such switches exist in other programs, and their likes. */
const override =
  /\b\w*(?:OAUTH|ISSUER|OIDC|IDP|LOGIN|AUTH)_?\w*(?:HOST|URL|BASE|ENDPOINT|ORIGIN)\b/g;

test('nothing outside of the code says where a login goes', () => {
  const read = ['src/credentials/logins', 'src/credentials/accounts'].flatMap(sources);
  assert.ok(read.length > 20);
  for (const [path, text] of read) {
    assert.doesNotMatch(text, /\benv(?:\[|\.\w)|\bargv\b/, path);
  }
  for (const [path, text] of sources('src')) {
    const names = (text.match(override) ?? []).filter((name) => name === name.toUpperCase());
    assert.deepEqual(names, [], path);
  }
  const settings = Object.keys(configSchema.shape).filter((name) =>
    /login|oauth|issuer|idp/i.test(name),
  );
  assert.deepEqual(settings, ['allowAnthropicLogin']);
});

test('the built programs have no switch for where a login goes', (t) => {
  if (!existsSync(`${root}dist/worker.cjs`)) {
    t.skip('dist is not built');
    return;
  }
  for (const [path, text] of sources('dist')) {
    const names = (text.match(override) ?? []).filter((name) => name === name.toUpperCase());
    assert.deepEqual(names, [], path);
  }
});

test('every built-in address lies within its own pins', () => {
  const definitions: readonly LoginDefinition[] = Object.values(loginDefinitions);
  for (const { endpoints, endpointHosts, pageHosts, issuer } of definitions) {
    for (const address of [endpoints.token, endpoints.device, endpoints.revoke, issuer]) {
      if (address !== undefined) assert.ok(isPinned(address, endpointHosts), address);
    }
    if (endpoints.authorize !== undefined) {
      assert.ok(isPinned(endpoints.authorize, pageHosts), endpoints.authorize);
    }
  }
});

/** Codex itself, for its version and models, and a browser for our own page: nothing of a provider. */
const runsPrograms = new Set(['src/codex/runCodex.ts', 'src/cli/gui.ts']);

test('T27: no address reaches a shell or another program', () => {
  for (const [path, text] of sources('src')) {
    assert.doesNotMatch(text, /\bshell:\s*true/, path);
    if (!runsPrograms.has(path)) assert.doesNotMatch(text, /child_process/, path);
  }
});
