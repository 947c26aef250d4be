import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { at, textAt } from './json.ts';

/**
 * A stdio MCP server (https://modelcontextprotocol.io/specification) as a program of its own:
 *   node mcpServer.ts --record calls.jsonl [--tools plain,odd]
 * It appends every call that reaches it to the record, which is the proof that Codex made it.
 */
const { values } = parseArgs({
  options: {
    record: { type: 'string' },
    tools: { type: 'string', default: 'plain' },
    says: { type: 'string', default: 'echo' },
  },
});

/** A red pixel. */
const picture =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==';

const noArguments = { type: 'object', properties: {} };
const readOnly = { annotations: { readOnlyHint: true } };

const plain = [
  {
    name: 'echo',
    description: `Gives text back (${values.says})`,
    inputSchema: {
      type: 'object',
      properties: { text: { type: 'string', description: 'What to give back' } },
      required: ['text'],
    },
    ...readOnly,
  },
  { name: 'pic', description: 'Gives a picture', inputSchema: noArguments, ...readOnly },
  { name: 'fail', description: 'Fails always', inputSchema: noArguments, ...readOnly },
  {
    name: 'structured',
    description: 'Gives structured content',
    inputSchema: {
      type: 'object',
      properties: {
        n: { type: 'integer', default: 3 },
        mode: { enum: ['a', 'b'] },
        anything: {},
        perhaps: { anyOf: [{ type: 'string' }, { type: 'null' }] },
        list: { type: 'array' },
      },
    },
    outputSchema: { type: 'object', properties: { sum: { type: 'number' } } },
    ...readOnly,
  },
];

/** Names and schemas that servers really have and that providers refuse. */
const odd = [
  { name: 'do.it/now', description: 'Name with dots', inputSchema: noArguments, ...readOnly },
  {
    name: `very_long_${'x'.repeat(80)}`,
    description: 'Name of 90 characters',
    inputSchema: {
      type: 'object',
      properties: {
        a: { $ref: '#/$defs/A' },
        nullable: { type: ['string', 'null'] },
        pattern: { type: 'string', format: 'uri', minLength: 1, pattern: '^h' },
        constant: { const: 3 },
      },
      $defs: { A: { type: 'string' } },
      additionalProperties: { type: 'string' },
    },
    ...readOnly,
  },
  { name: 'Mixed-Case', description: 'Name in mixed case', inputSchema: noArguments, ...readOnly },
  {
    name: 'union',
    description: 'Schema with a union at its root',
    inputSchema: {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      oneOf: [{ required: ['a'] }, { required: ['b'] }],
    },
    ...readOnly,
  },
];

const sets = values.tools.split(',');
const tools = [...(sets.includes('plain') ? plain : []), ...(sets.includes('odd') ? odd : [])];

function send(message: object): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

function resultOf(name: string, args: unknown): object {
  switch (name) {
    case 'echo':
      return { content: [{ type: 'text', text: `${values.says}: ${at(args, 'text')}` }] };
    case 'pic':
      return {
        content: [
          { type: 'text', text: 'a picture' },
          { type: 'image', data: picture, mimeType: 'image/png' },
        ],
      };
    case 'fail':
      return { content: [{ type: 'text', text: 'it did not work' }], isError: true };
    case 'structured':
      return { content: [{ type: 'text', text: 'the sum' }], structuredContent: { sum: 42 } };
    default:
      return { content: [{ type: 'text', text: `${name} was called` }] };
  }
}

function handle(message: unknown): void {
  const id = at(message, 'id');
  switch (at(message, 'method')) {
    case 'initialize':
      send({
        id,
        result: {
          protocolVersion: at(message, 'params', 'protocolVersion'),
          capabilities: { tools: {} },
          serverInfo: { name: 'probe', version: '1.0.0' },
          instructions: 'Tools to probe with.',
        },
      });
      break;
    case 'tools/list':
      send({ id, result: { tools } });
      break;
    case 'tools/call': {
      const tool = textAt(message, 'params', 'name');
      const args = at(message, 'params', 'arguments');
      if (values.record !== undefined) {
        appendFileSync(values.record, `${JSON.stringify({ tool, arguments: args ?? {} })}\n`);
      }
      send({ id, result: resultOf(tool, args) });
      break;
    }
    default:
      if (id !== undefined) send({ id, result: {} });
  }
}

createInterface({ input: process.stdin }).on('line', (line) => handle(JSON.parse(line)));
