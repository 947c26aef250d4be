import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editor } from '../support/vscode.ts';

const { Uri } = await import('../support/vscodeModule.ts');
const { dashboardPage } = await import('../../src/vscode/dashboardPage.ts');

function policyOf(page: string): ReadonlyMap<string, string> {
  const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
  return new Map(
    policy.split(';').map((directive) => {
      const [name = '', ...values] = directive.trim().split(' ');
      return [name, values.join(' ')];
    }),
  );
}

test('T25: the dashboard’s page runs our script only, and fetches nothing', () => {
  editor.reset();
  const webview = {
    cspSource: 'https://page.test',
    asWebviewUri: (uri: { readonly fsPath: string }) => `https://page.test/${uri.fsPath}`,
  };
  const pages = [1, 2].map(() =>
    Reflect.apply(dashboardPage, undefined, [webview, Uri.file('dist')]),
  );
  const nonces = pages.map((page) => {
    const policy = policyOf(page);
    assert.equal(policy.get('default-src'), "'none'");
    assert.deepEqual([...policy.keys()].sort(), ['default-src', 'script-src', 'style-src']);
    assert.equal(policy.get('style-src'), webview.cspSource);
    const [, nonce = ''] = /^'nonce-([\w+/=]{20,})'$/.exec(policy.get('script-src') ?? '') ?? [];
    assert.notEqual(nonce, '', 'scripts need a nonce and nothing else');
    for (const [tag] of page.matchAll(/<script[^>]*>/g)) {
      assert.ok(tag.includes(`nonce="${nonce}"`) || tag.includes('application/json'), tag);
    }
    assert.doesNotMatch(page, /\son\w+=|unsafe-/);
    return nonce;
  });
  assert.equal(new Set(nonces).size, 2, 'a nonce is used once');
});
