import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chatEntry, turn } from '../proxy/client.ts';
import { startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { sayOk, startUpstream } from '../support/upstream.ts';

test('T23: what a request names is not fetched', async (t) => {
  const scope = testScope(t);
  const trap = await startUpstream(scope, (_request, response) => response.end('caught'));
  const upstream = await startUpstream(scope, sayOk);
  const proxy = await startProxy(scope, {
    providers: {
      sim: chatEntry(upstream.url),
      claude: { adapter: 'anthropic', baseUrl: upstream.url, apiKey: 'sim-key-0123456789' },
      gemini: { adapter: 'google', baseUrl: upstream.url, apiKey: 'sim-key-0123456789' },
    },
  });
  const addresses = [
    `${trap.url}/image.png`,
    'http://169.254.169.254/latest/meta-data/',
    'file:///etc/passwd',
    `${trap.url.replace('http:', 'ftp:')}/image.png`,
  ];
  for (const model of ['sim/m', 'claude/m', 'gemini/m']) {
    for (const image_url of addresses) {
      const content = [
        { type: 'input_text', text: 'look' },
        { type: 'input_image', image_url },
        { type: 'input_file', file_url: image_url, filename: 'a.pdf' },
      ];
      await turn(proxy, { model, input: [{ type: 'message', role: 'user', content }] });
    }
  }
  assert.equal(trap.connections, 0);
  const [first] = upstream.requests;
  assert.ok(first?.body.toString().includes(trap.url), 'the address goes to the provider as it is');
});

test('T23: a base URL at a metadata or link-local address is refused', async (t) => {
  const hosts = ['169.254.169.254', '169.254.9.9', '[fe80::1]', 'metadata.google.internal'];
  const proxy = await startProxy(testScope(t), {
    providers: Object.fromEntries(hosts.map((host, i) => [`p${i}`, chatEntry(`http://${host}`)])),
  });
  for (const [i, host] of hosts.entries()) {
    const answer = await turn(proxy, { model: `p${i}/m` });
    assert.equal(answer.status, 400, host);
    assert.match(answer.body, /never sent to link-local or cloud metadata/, host);
  }
});
