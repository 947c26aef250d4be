import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'smol-toml';
import type { UndoFacts } from '../../src/codex/blockMarks.ts';
import { blockState, openConfig } from '../../src/codex/configDocument.ts';
import { connectText } from '../../src/codex/connectText.ts';
import { disconnectText, type Edited } from '../../src/codex/disconnectText.ts';
import { providerFields } from '../../src/codex/providerTable.ts';
import { corpus } from './corpus.ts';
import { randomToml } from './randomToml.ts';

const facts: UndoFacts = { noFinalNewline: false, mode: undefined, created: 'nothing' };
const provider = providerFields({ port: 10100, token: 'tok' }, 'none');

function textOf(edited: Edited): string {
  assert.ok(edited.ok, edited.ok ? '' : edited.problem.reason);
  return edited.text;
}
const connect = (text: string, fields = provider) =>
  textOf(connectText(text, { provider: fields }, facts));
const catalogFile = '/home/me/.opencodex/opencodex-models.json';
const connectOld = (text: string) => textOf(connectText(text, { provider, catalogFile }, facts));
const disconnect = (text: string, keepProvider = false) =>
  textOf(disconnectText(text, { keepProvider }));
const state = (text: string) => {
  const opened = openConfig(text);
  assert.ok(opened.ok);
  return blockState(opened.document);
};
const lineBreak = (text: string) => (text.includes('\r\n') ? '\r\n' : '\n');

/** Edits that somebody else may make while Codex is connected. */
const otherEdits: readonly (readonly [what: string, edit: (text: string) => string])[] = [
  [
    'a table at the end',
    (text) =>
      `${text}${text === '' || text === '\uFEFF' || text.endsWith('\n') ? '' : lineBreak(text)}[mcp_servers.later]\ncommand = "later"\n`,
  ],
  ['a comment on top', (text) => text.replace(/^\uFEFF?/, (mark) => `${mark}# later\n`)],
  [
    'a key on top',
    (text) => text.replace(/^\uFEFF?/, (mark) => `${mark}model_verbosity = "low"\n`),
  ],
];

describe('config.toml of many shapes', () => {
  for (const { name, text } of corpus) {
    it(`${name}: connected, and back byte for byte`, () => {
      const connected = connect(text);
      const table = parse(connected);
      assert.equal(table['model_provider'], 'opencodex');
      assert.equal(table['model'], 'opencodex/current');
      assert.deepEqual(JSON.parse(JSON.stringify(table['model_providers']))['opencodex'], {
        name: 'OpenCodex',
        base_url: 'http://127.0.0.1:10100/v1',
        wire_api: 'responses',
        experimental_bearer_token: 'tok',
        model_catalog_url: 'http://127.0.0.1:10100/v1/codex/models',
        request_max_retries: 1,
        stream_max_retries: 3,
        stream_idle_timeout_ms: 300_000,
        supports_websockets: false,
        capabilities: { remote_compaction: 'unsupported' },
      });
      assert.equal(state(connected), 'connected');
      assert.equal(connect(connected), connected);
      assert.equal(disconnect(connected), text);
      assert.equal(disconnect(text), text);
    });

    it(`${name}: what others change in between stays`, () => {
      for (const [what, edit] of otherEdits) {
        assert.equal(disconnect(edit(connect(text))), edit(text), what);
      }
    });

    it(`${name}: a new port, token or login is taken up and leaves no trace`, () => {
      const moved = connect(connect(text), providerFields({ port: 2, token: 'new' }, 'chatgpt'));
      const ours = JSON.parse(JSON.stringify(parse(moved)['model_providers']))['opencodex'];
      assert.equal(ours.base_url, 'http://127.0.0.1:2/v1');
      assert.equal(ours.requires_openai_auth, true);
      assert.deepEqual(ours.http_headers, { 'x-opencodex-token': 'new' });
      assert.equal('experimental_bearer_token' in ours, false);
      assert.doesNotMatch(moved, /tok"/);
      assert.equal(connect(moved), connect(text));
      assert.equal(disconnect(moved), text);
    });

    it(`${name}: an older Codex is given the models in a file, for as long as it is old`, () => {
      const old = connectOld(text);
      assert.equal(parse(old)['model_catalog_json'], catalogFile);
      assert.equal(state(old), 'connected');
      assert.equal(connectOld(old), old);
      assert.equal(disconnect(old), text);
      assert.equal(connect(old), connect(text));
      assert.equal(connectOld(connect(text)), old);
      assert.deepEqual(
        parse(disconnect(old, true))['model_catalog_json'],
        parse(text)['model_catalog_json'],
      );
    });

    it(`${name}: a kept provider is dormant, and goes without a trace later`, () => {
      const dormant = disconnect(connect(text), true);
      const before = parse(text);
      const table = parse(dormant);
      assert.equal(table['model'], before['model']);
      assert.equal(table['model_provider'], before['model_provider']);
      // Two providers of one name cannot be in one file.
      const theirs = JSON.parse(JSON.stringify(before['model_providers'] ?? {}))['opencodex'];
      assert.equal(state(dormant), theirs === undefined ? 'dormant' : 'none');
      assert.equal(disconnect(dormant, true), dormant);
      assert.equal(connect(dormant), connect(text));
      assert.equal(disconnect(dormant), text);
    });
  }
});

describe('random TOML', () => {
  it('is connected without changing its meaning, and back byte for byte', () => {
    let tried = 0;
    for (let seed = 1; seed <= 1500; seed++) {
      const text = randomToml(seed);
      const opened = openConfig(text);
      if (!opened.ok) {
        continue;
      }
      tried += 1;
      const connected = connect(text);
      assert.equal(disconnect(connected), text, `seed ${seed}`);
      assert.equal(disconnect(disconnect(connected, true)), text, `seed ${seed}`);
      assert.equal(disconnect(connectOld(text)), text, `seed ${seed}`);
    }
    assert.ok(tried > 1000, `only ${tried} documents were valid`);
  });
});

describe('a connected config.toml', () => {
  it('has the root keys before the first table, and says what it is', () => {
    assert.equal(
      connect('# mine\nmodel = "a" # fav\n\n[tui]\nnotifications = true\n'),
      `# mine
#opencodex-was# model = "a" # fav
model = "opencodex/current"
model_provider = "opencodex"

[tui]
notifications = true

#opencodex# "Disconnect Codex" removes this and brings back the lines marked #opencodex-was#
[model_providers.opencodex]
name = "OpenCodex"
base_url = "http://127.0.0.1:10100/v1"
wire_api = "responses"
experimental_bearer_token = "tok"
model_catalog_url = "http://127.0.0.1:10100/v1/codex/models"
request_max_retries = 1
stream_max_retries = 3
stream_idle_timeout_ms = 300000
supports_websockets = false
capabilities = { remote_compaction = "unsupported" }
`,
    );
  });

  const original = 'model = "gpt-5.5"\nmodel_provider = "acme"\n';
  const withModel = (model: string) =>
    connect(original).replace('"opencodex/current"', JSON.stringify(model));

  it('keeps the model that the user picked in Codex when it is brought up to date', () => {
    const updated = connect(withModel('acme/x'), providerFields({ port: 2, token: 't' }, 'none'));
    assert.match(updated, /^model = "acme\/x"$/m);
  });

  it('gives the earlier model back when one of the proxy’s was picked', () => {
    assert.equal(disconnect(withModel('acme/x')), original);
  });

  it('leaves a model of the user’s own that needs no proxy', () => {
    assert.equal(disconnect(withModel('gpt-6')), 'model = "gpt-6"\nmodel_provider = "acme"\n');
  });

  it('leaves another provider that the user chose, and is dormant then', () => {
    const chosen = connect(original).replace(
      'model_provider = "opencodex"',
      'model_provider = "openai"',
    );
    assert.equal(state(chosen), 'dormant');
    assert.equal(disconnect(chosen), 'model = "gpt-5.5"\nmodel_provider = "openai"\n');
    assert.equal(disconnect(connect(chosen)), 'model = "gpt-5.5"\nmodel_provider = "openai"\n');
  });

  it('brings an earlier value back also where our line was deleted by hand', () => {
    assert.equal(
      disconnect(connect(original).replace('model = "opencodex/current"\n', '')),
      original,
    );
  });

  it('is undone even when a tool has rewritten it without comments', () => {
    const rewritten = connect('[tui]\nnotifications = true\n').replaceAll(/^#.*\n/gm, '');
    assert.equal(state(rewritten), 'connected');
    assert.equal(disconnect(rewritten).trim(), '[tui]\nnotifications = true');
  });

  it('is healed where only the root keys are left', () => {
    assert.equal(
      disconnect('model_provider = "opencodex"\nmodel = "opencodex/current"\n[tui]\nx = 1\n'),
      '[tui]\nx = 1\n',
    );
  });

  it('escapes a token that TOML would not take as it is', () => {
    const odd = connect('', providerFields({ port: 1, token: 'a"\\\u007f\n' }, 'none'));
    const providers = JSON.parse(JSON.stringify(parse(odd)['model_providers']));
    assert.equal(providers.opencodex.experimental_bearer_token, 'a"\\\u007f\n');
  });

  it('remembers mode and origin in one comment', () => {
    const edited = connectText('a = 1', { provider }, { ...facts, mode: 0o644, created: 'folder' });
    assert.match(textOf(edited), /^#opencodex-undo# no-final-newline mode=644 created=folder$/m);
    const undone = disconnectText(textOf(edited), { keepProvider: false });
    assert.deepEqual(undone, {
      ok: true,
      text: 'a = 1',
      facts: { noFinalNewline: true, mode: 0o644, created: 'folder' },
    });
  });
});

describe('a config.toml that cannot be edited', () => {
  const cases: readonly [what: string, text: string, line: number | undefined, reason: RegExp][] = [
    ['does not parse', 'model = "a"\nmodel_provider = \n', 2, /./],
    ['has a key twice', 'model = "a"\n\nmodel = "b"\n', 3, /already defined/],
    [
      'has our table twice',
      '[model_providers.opencodex]\nname = "a"\n[model_providers.opencodex]\nname = "b"\n',
      3,
      /already defined/,
    ],
    ['has an open string', 'a = 1\nb = "x\n', 2, /./],
    [
      'has our name in an inline table of providers',
      'a = 1\nmodel_providers = { opencodex = { name = "x" } }\n',
      2,
      /inline table that has an entry opencodex already/,
    ],
    ['has providers that are no table', 'model_providers = 3\n', undefined, /cannot add/],
  ];
  for (const [what, text, line, reason] of cases) {
    it(`because it ${what}: says where, quotes nothing`, () => {
      const edited = connectText(text, { provider }, facts);
      assert.ok(!edited.ok);
      assert.equal(edited.problem.line, line);
      assert.match(edited.problem.reason, reason);
      assert.doesNotMatch(edited.problem.reason, /\n/);
    });
  }
});
