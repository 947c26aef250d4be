import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decoded, functionTool, outline, user } from './samples.ts';

const namespace = (name: string, tools: object[], description = ''): object => ({
  type: 'namespace',
  name,
  description,
  tools,
});
const names = (body: object) =>
  decoded({ input: 'q', ...body }).turn.tools.map((tool) => tool.name);

describe('flattened tool names', () => {
  it('join namespace and name readably', () => {
    assert.deepEqual(
      names({
        tools: [
          functionTool('exec_command'),
          namespace('mcp__srv', [functionTool('echo')]),
          namespace('multi_agent_v1', [functionTool('spawn_agent')]),
        ],
      }),
      ['exec_command', 'mcp__srv__echo', 'multi_agent_v1__spawn_agent'],
    );
  });

  it('leave out the lite wrapper, but not in what comes back', () => {
    const { turn, reply } = decoded({
      input: [
        {
          type: 'additional_tools',
          role: 'developer',
          tools: [namespace('functions', [functionTool('exec_command')])],
        },
        user('q'),
      ],
    });
    assert.deepEqual(
      turn.tools.map((tool) => tool.name),
      ['exec_command'],
    );
    assert.deepEqual(reply.tools['exec_command'], {
      kind: 'function',
      name: 'exec_command',
      namespace: 'functions',
    });
  });

  it('are shortened to 64 characters, stay valid and never collide', () => {
    const long = 'x'.repeat(98);
    const body = {
      tools: [
        namespace('mcp__Upper_Case', [
          functionTool(long),
          functionTool(`${long}y`),
          functionTool('dot.ted name'),
          functionTool('dot_ted_name'),
        ]),
        namespace('a__b', [functionTool('c')]),
        namespace('a', [functionTool('b__c')]),
        functionTool('1st'),
        functionTool('漢字'),
      ],
    };
    const first = names(body);
    assert.equal(new Set(first).size, 8);
    for (const name of first) assert.match(name, /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/);
    assert.match(first[0] ?? '', /^mcp__Upper_Case__x+_[a-z0-9]{8}$/);
    assert.deepEqual(names(body), first);
  });

  it('lead back to the tool as it was declared, also for odd names', () => {
    const long = 'y'.repeat(70);
    const { turn, reply } = decoded({
      input: 'q',
      tools: [
        namespace('ns', [functionTool(long)]),
        functionTool('__proto__'),
        functionTool('constructor'),
      ],
    });
    const origins = turn.tools.map((tool) =>
      Object.hasOwn(reply.tools, tool.name) ? reply.tools[tool.name] : undefined,
    );
    assert.deepEqual(origins, [
      { kind: 'function', name: long, namespace: 'ns' },
      { kind: 'function', name: '__proto__', namespace: undefined },
      { kind: 'function', name: 'constructor', namespace: undefined },
    ]);
    assert.deepEqual(structuredClone(reply), reply);
  });

  it('are given to calls of the history whose tool is no longer offered', () => {
    const { turn } = decoded({
      tools: [functionTool('run')],
      input: [
        user('q'),
        {
          type: 'function_call',
          call_id: 'a',
          name: 'z'.repeat(90),
          namespace: 'mcp__gone',
          arguments: '{}',
        },
        { type: 'function_call_output', call_id: 'a', output: 'x' },
      ],
    });
    const part = turn.messages[1]?.content[0];
    const tool = turn.messages[2];
    assert.ok(part?.type === 'tool_call' && tool?.role === 'tool');
    assert.match(part.name, /^mcp__gone__z+_[a-z0-9]{8}$/);
    assert.equal(part.name.length, 64);
    assert.equal(tool.name, part.name);
  });

  it('stay the same when tools are added', () => {
    const tools = [functionTool('a.b'), namespace('n', [functionTool('c')])];
    const before = names({ tools });
    const after = names({
      tools: [...tools, functionTool('new'), namespace('m', [functionTool('c')])],
    });
    assert.deepEqual(after.slice(0, before.length), before);
  });
});

describe('declared tools', () => {
  it('of later additional_tools are merged by name, the latest definition in the first place', () => {
    const at = (...tools: object[]) => ({
      type: 'additional_tools',
      id: 'at',
      role: 'developer',
      tools,
    });
    const { turn } = decoded({
      input: [
        at(namespace('functions', [functionTool('a'), functionTool('b')])),
        user('q'),
        at(
          namespace('functions', [
            { ...functionTool('a'), description: 'newer' },
            functionTool('c'),
          ]),
          namespace('mcp__s', [functionTool('a')]),
        ),
      ],
    });
    assert.deepEqual(
      turn.tools.map((tool) => [tool.name, tool.description]),
      [
        ['a', 'newer'],
        ['b', 'About b'],
        ['c', 'About c'],
        ['mcp__s__a', 'About a'],
      ],
    );
  });

  it('tell what their namespace says of itself once, with the first tool', () => {
    const tools = [
      namespace('mcp__s', [functionTool('a'), functionTool('b')], 'Server instructions'),
    ];
    assert.deepEqual(
      decoded({ input: 'q', tools }).turn.tools.map((tool) => tool.description),
      ['Server instructions\n\nAbout a', 'About b'],
    );
  });

  it('that take raw text become functions with one string and the grammar in the description', () => {
    const { turn, reply } = decoded({
      input: 'q',
      tools: [
        {
          type: 'custom',
          name: 'apply_patch',
          description: 'Edits files.',
          format: { type: 'grammar', syntax: 'lark', definition: 'start: x' },
        },
      ],
    });
    const [tool] = turn.tools;
    assert.match(
      tool?.description ?? '',
      /^Edits files\.\n\n.*`input`.*\n\nThe text must match this lark grammar:\nstart: x$/,
    );
    assert.deepEqual(tool?.parameters['required'], ['input']);
    assert.deepEqual(reply.tools['apply_patch'], {
      kind: 'custom',
      name: 'apply_patch',
      namespace: undefined,
    });
  });

  it('become callable when a search has found them', () => {
    const found = namespace(
      'mcp__s',
      [{ ...functionTool('tool_7'), defer_loading: true }],
      'Server',
    );
    const { turn, reply } = decoded({
      tools: [
        functionTool('run'),
        {
          type: 'tool_search',
          execution: 'client',
          description: 'Finds tools',
          parameters: { type: 'object', properties: { query: { type: 'string' } } },
        },
      ],
      input: [
        user('q'),
        {
          type: 'tool_search_call',
          call_id: 's',
          execution: 'client',
          arguments: { query: 'seven' },
        },
        {
          type: 'tool_search_output',
          call_id: 's',
          execution: 'client',
          status: 'completed',
          tools: [found],
        },
        {
          type: 'tool_search_call',
          call_id: 's2',
          execution: 'client',
          arguments: '{"query":"x"}',
        },
        {
          type: 'tool_search_output',
          call_id: 's2',
          execution: 'client',
          status: 'completed',
          tools: [],
        },
        { type: 'tool_search_call', call_id: null, execution: 'server', arguments: {} },
        {
          type: 'tool_search_output',
          call_id: null,
          execution: 'server',
          status: 'completed',
          tools: [],
        },
        user('go on'),
      ],
    });
    assert.deepEqual(
      turn.tools.map((tool) => tool.name),
      ['run', 'tool_search', 'mcp__s__tool_7'],
    );
    assert.deepEqual(reply.tools['tool_search'], { kind: 'tool_search', name: 'tool_search' });
    assert.deepEqual(reply.tools['mcp__s__tool_7'], {
      kind: 'function',
      name: 'tool_7',
      namespace: 'mcp__s',
    });
    assert.deepEqual(outline(turn), [
      'user: q',
      'assistant: s=tool_search{"query":"seven"}',
      'tool s: These tools can now be called:\n- mcp__s__tool_7: About tool_7',
      'assistant: s2=tool_search{"query":"x"}',
      'tool s2: No tools were found.',
      'user: go on',
    ]);
  });

  it('of a search that is not the client’s are not offered', () => {
    assert.deepEqual(
      names({ tools: [{ type: 'tool_search' }, { type: 'tool_search', execution: 'server' }] }),
      [],
    );
  });
});

describe('tool parameters', () => {
  const parameters = (given: unknown) =>
    decoded({ input: 'q', tools: [{ type: 'function', name: 'f', parameters: given }] }).turn
      .tools[0]?.parameters;
  const empty = { type: 'object', properties: {} };

  it('always have an object at the root', () => {
    const properties = { a: { type: 'string' } };
    assert.deepEqual(parameters(undefined), empty);
    assert.deepEqual(parameters(null), empty);
    assert.deepEqual(parameters(true), empty);
    assert.deepEqual(parameters({}), empty);
    assert.deepEqual(parameters({ type: 'object' }), empty);
    assert.deepEqual(parameters({ type: 'string' }), empty);
    assert.deepEqual(parameters({ properties }), { type: 'object', properties });
    assert.deepEqual(parameters({ type: ['object', 'null'], properties }), {
      type: 'object',
      properties,
    });
    assert.deepEqual(parameters({ anyOf: [{ type: 'object' }] }), {
      type: 'object',
      anyOf: [{ type: 'object' }],
    });
    assert.deepEqual(parameters({ $ref: '#/$defs/x', $defs: { x: empty } }), {
      type: 'object',
      $ref: '#/$defs/x',
      $defs: { x: empty },
    });
  });

  it('keep everything that JSON Schema knows, in its order', () => {
    const odd = {
      additionalProperties: { type: 'string' },
      type: 'object',
      $defs: { n: { oneOf: [{ type: 'null' }, { $ref: '#/$defs/n' }] } },
      properties: {
        b: {},
        a: { type: ['string', 'null'], enum: [null, 'x'] },
        c: { type: 'string', enum: [3] },
      },
    };
    assert.equal(JSON.stringify(parameters(odd)), JSON.stringify(odd));
  });

  it('lose the mark "encrypted", but no property of that name and no data', () => {
    assert.deepEqual(
      parameters({
        type: 'object',
        properties: {
          message: { type: 'string', encrypted: true },
          encrypted: { type: 'boolean', default: { encrypted: true } },
        },
        items: [{ encrypted: false }],
      }),
      {
        type: 'object',
        properties: {
          message: { type: 'string' },
          encrypted: { type: 'boolean', default: { encrypted: true } },
        },
        items: [{}],
      },
    );
  });

  it('may be nested to any depth', () => {
    const deep = `${'{"type":"object","properties":{"a":'.repeat(300)}{}${'}}'.repeat(300)}`;
    assert.equal(parameters(JSON.parse(deep))?.['type'], 'object');
  });
});
