import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ToolOrigin } from '../../src/responses/reply.ts';
import { originOf, restoreCall } from '../../src/responses/tools.ts';

const fn = (name: string, namespace?: string): ToolOrigin => ({
  kind: 'function',
  name,
  namespace,
});
const tools: Record<string, ToolOrigin> = {
  exec_command: fn('exec_command', 'functions'),
  echo: fn('echo'),
  mcp__srv__echo: fn('echo', 'mcp__srv'),
  mcp__srv__list_files: fn('list_files', 'mcp__srv'),
  mcp__other__list_dirs: fn('list_dirs', 'mcp__other'),
  mcp__a__read: fn('read', 'mcp__a'),
  mcp__b__read: fn('read', 'mcp__b'),
  apply_patch: { kind: 'custom', name: 'apply_patch', namespace: undefined },
  tool_search: { kind: 'tool_search', name: 'tool_search' },
};

describe('originOf', () => {
  it('finds a tool by its flat name', () => {
    for (const [name, origin] of Object.entries(tools)) assert.equal(originOf(name, tools), origin);
  });

  it('finds a namespaced tool that the model spells differently', () => {
    for (const name of [
      'mcp__srv.list_files',
      'mcp.srv.list_files',
      'mcp__srv/list_files',
      'srv__list_files',
      'srv.list_files',
      'list_files',
      'MCP__SRV__LIST_FILES',
      'mcp__srv__list-files',
    ])
      assert.deepEqual(originOf(name, tools), fn('list_files', 'mcp__srv'), name);
    assert.deepEqual(originOf('functions.exec_command', tools), fn('exec_command', 'functions'));
    assert.deepEqual(originOf('mcp__srv.echo', tools), fn('echo', 'mcp__srv'));
    assert.deepEqual(originOf('functions.apply_patch', tools), tools['apply_patch']);
  });

  it('does not guess between two tools, nor invent one', () => {
    for (const name of [
      'read',
      'search',
      'files',
      'nothing',
      '',
      '.',
      'constructor',
      '__proto__',
      'toString',
    ])
      assert.deepEqual(originOf(name, tools), fn(name), name);
  });
});

describe('restoreCall', () => {
  const search: ToolOrigin = { kind: 'tool_search', name: 'tool_search' };

  it('leaves function arguments as the model wrote them', () => {
    const args = (text: string) => restoreCall(fn('f'), text);
    assert.deepEqual(args('{ "a": 1 }'), { type: 'function_call', arguments: '{ "a": 1 }' });
    assert.deepEqual(args('{"a": '), { type: 'function_call', arguments: '{"a": ' });
    assert.deepEqual(args(''), { type: 'function_call', arguments: '{}' });
    assert.deepEqual(args(JSON.stringify('{"a":1}')), {
      type: 'function_call',
      arguments: '{"a":1}',
    });
    assert.deepEqual(args('"word"'), { type: 'function_call', arguments: '"word"' });
  });

  it('gives a search its arguments as an object, whatever the model wrote', () => {
    const args = (text: string) => restoreCall(search, text);
    assert.deepEqual(args('{"query":"x","limit":3}'), {
      type: 'tool_search_call',
      arguments: { query: 'x', limit: 3 },
    });
    assert.deepEqual(args(JSON.stringify('{"query":"x"}')), {
      type: 'tool_search_call',
      arguments: { query: 'x' },
    });
    assert.deepEqual(args('find me'), {
      type: 'tool_search_call',
      arguments: { query: 'find me' },
    });
    assert.deepEqual(args(' '), { type: 'tool_search_call', arguments: {} });
  });
});

it('calls a tool of a namespace that was only named in that namespace', () => {
  const deferred = ['mcp__notes', 'mcp__notes__old', 'multi_agent_v1'];
  for (const [called, namespace, name] of [
    ['mcp__notes__add', 'mcp__notes', 'add'],
    ['mcp__notes.add', 'mcp__notes', 'add'],
    ['mcp__notes__old__add', 'mcp__notes__old', 'add'],
    ['multi_agent_v1__spawn_agent', 'multi_agent_v1', 'spawn_agent'],
    ['mcp__notesadd', undefined, 'mcp__notesadd'],
    ['mcp__notes__', undefined, 'mcp__notes__'],
  ] as const) {
    assert.deepEqual(originOf(called, {}, deferred), { kind: 'function', name, namespace });
  }
});
