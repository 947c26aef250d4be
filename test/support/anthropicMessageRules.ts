import type { ClaudeModel } from './anthropicModels.ts';
import { boolean, invalid, oneOf, record, string } from './anthropicRefusal.ts';
import { checkSearchPairs, checkSearchResult } from './anthropicSearchRules.ts';
import { at, isRecord, type JsonRecord, listOf } from './json.ts';

/**
 * The conversation, as these pages describe it:
 *   messages  https://platform.claude.com/docs/en/api/messages/create
 *   results   https://platform.claude.com/docs/en/agents-and-tools/tool-use/handle-tool-calls
 *   images    https://platform.claude.com/docs/en/build-with-claude/vision
 *   caching   https://platform.claude.com/docs/en/build-with-claude/prompt-caching
 *   prefill   https://platform.claude.com/docs/en/api/errors#prefill-not-supported
 *   system    https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages#limitations
 * One rule is of compatible hosts: nothing stands behind a tool_use but another one.
 */
const blockTypes: Readonly<Record<string, readonly string[]>> = {
  user: ['text', 'image', 'tool_result'],
  assistant: [
    ...['text', 'thinking', 'redacted_thinking', 'tool_use', 'server_tool_use'],
    'web_search_tool_result',
  ],
  system: ['text'],
};

const blockFields: Readonly<Record<string, readonly string[]>> = {
  text: ['text', 'cache_control'],
  image: ['source', 'cache_control'],
  tool_result: ['tool_use_id', 'content', 'is_error', 'cache_control'],
  thinking: ['thinking', 'signature'],
  redacted_thinking: ['data'],
  tool_use: ['id', 'name', 'input', 'cache_control'],
  server_tool_use: ['id', 'name', 'input', 'cache_control'],
  web_search_tool_result: ['tool_use_id', 'content', 'cache_control'],
};

export interface Message {
  readonly role: string;
  readonly blocks: readonly JsonRecord[];
}

/** A message with its content as blocks, as the API reads it. */
export function messagesOf(body: JsonRecord): readonly Message[] {
  return listOf(body['messages']).map((message) => {
    const content = at(message, 'content');
    const blocks =
      typeof content === 'string' ? [{ type: 'text', text: content }] : listOf(content);
    return { role: String(at(message, 'role')), blocks: blocks.filter(isRecord) };
  });
}

export function checkMessages(
  body: JsonRecord,
  model: ClaudeModel,
  tools: ReadonlySet<string>,
): void {
  const { messages } = body;
  if (messages === undefined) invalid('messages', 'Field required');
  if (!Array.isArray(messages)) invalid('messages', 'Input should be a valid list');
  if (messages.length === 0) invalid('messages', 'at least one message is required');
  for (const [index, message] of messages.entries())
    checkMessage(message, `messages.${index}`, model);
  const read = messagesOf(body);
  checkOrder(read, model);
  checkPairs(read);
  for (const [index, { blocks }] of read.entries()) checkSearchPairs(blocks, `messages.${index}`);
  const calls = read.flatMap((message) => message.blocks).filter((block) => isTool(block));
  if (calls.length > 0 && tools.size === 0) {
    invalid('', 'Requests which include `tool_use` or `tool_result` blocks must define tools');
  }
}

function checkMessage(value: unknown, path: string, model: ClaudeModel): void {
  const message = record(value, path, ['role', 'content']);
  const roles = model.systemMessages ? ['user', 'assistant', 'system'] : ['user', 'assistant'];
  const role = oneOf(message['role'], `${path}.role`, roles);
  const { content } = message;
  if (typeof content === 'string') {
    checkText(content, path);
    return;
  }
  if (!Array.isArray(content)) invalid(`${path}.content`, 'Input should be a valid list');
  if (content.length === 0) invalid(path, `${role} messages must have non-empty content`);
  for (const [index, block] of content.entries())
    checkBlock(block, role, `${path}.content.${index}`);
  if (/thinking$/.test(String(at(content, -1, 'type')))) {
    invalid(path, 'The final block in an assistant message cannot be `thinking`.');
  }
}

function checkBlock(value: unknown, role: string, path: string): void {
  const type = oneOf(at(value, 'type'), `${path}.type`, blockTypes[role] ?? []);
  const cites = type === 'text' && role === 'assistant' ? ['citations'] : [];
  const block = record(value, path, ['type', ...cites, ...(blockFields[type] ?? [])]);
  checkMark(block, path);
  switch (type) {
    case 'text':
      checkText(string(block['text'], `${path}.text.text`), path);
      break;
    case 'image':
      checkImage(block['source'], `${path}.image.source`);
      break;
    case 'thinking':
      string(block['thinking'], `${path}.thinking.thinking`);
      string(block['signature'], `${path}.thinking.signature`);
      break;
    case 'redacted_thinking':
      string(block['data'], `${path}.redacted_thinking.data`);
      break;
    case 'tool_use':
      checkId(block['id'], `${path}.tool_use.id`);
      if (!/^[a-zA-Z0-9_-]{1,64}$/.test(string(block['name'], `${path}.tool_use.name`))) {
        invalid(`${path}.tool_use.name`, "String should match pattern '^[a-zA-Z0-9_-]{1,64}$'");
      }
      if (!isRecord(block['input']))
        invalid(`${path}.tool_use.input`, 'Input should be a valid dictionary');
      break;
    case 'tool_result':
      checkResult(block, path);
      break;
    case 'server_tool_use':
      oneOf(block['name'], `${path}.server_tool_use.name`, ['web_search']);
      if (!/^srvtoolu_[a-zA-Z0-9_]+$/.test(string(block['id'], `${path}.server_tool_use.id`)))
        invalid(
          `${path}.server_tool_use.id`,
          "String should match pattern '^srvtoolu_[a-zA-Z0-9_]+$'",
        );
      if (!isRecord(block['input']))
        invalid(`${path}.server_tool_use.input`, 'Input should be a valid dictionary');
      break;
    case 'web_search_tool_result':
      checkSearchResult(block['content'], `${path}.web_search_tool_result.content`);
  }
}

function checkResult(block: JsonRecord, path: string): void {
  checkId(block['tool_use_id'], `${path}.tool_result.tool_use_id`);
  boolean(block['is_error'], `${path}.tool_result.is_error`);
  const { content } = block;
  if (content === undefined || typeof content === 'string') return;
  if (!Array.isArray(content))
    invalid(`${path}.tool_result.content`, 'Input should be a valid list');
  for (const [index, part] of content.entries()) {
    const at = `${path}.tool_result.content.${index}`;
    const allowed = block['is_error'] === true ? ['text'] : ['text', 'image'];
    oneOf(isRecord(part) ? part['type'] : undefined, `${at}.type`, allowed);
    checkBlock(part, 'user', at);
  }
}

function checkId(value: unknown, path: string): void {
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(string(value, path))) {
    invalid(path, "String should match pattern '^[a-zA-Z0-9_-]+$'");
  }
}

export function checkText(text: string, path: string): void {
  if (text === '') invalid(path, 'text content blocks must be non-empty');
  if (text.trim() === '') invalid(path, 'text content blocks must contain non-whitespace text');
}

function checkImage(value: unknown, path: string): void {
  const type = oneOf(at(value, 'type'), `${path}.type`, ['base64', 'url']);
  if (type === 'url') {
    const { url } = record(value, path, ['type', 'url']);
    if (!/^https:\/\//.test(string(url, `${path}.url`)))
      invalid(path, 'Only HTTPS URLs are supported.');
    return;
  }
  const source = record(value, path, ['type', 'media_type', 'data']);
  oneOf(source['media_type'], `${path}.base64.media_type`, [
    ...['image/jpeg', 'image/png', 'image/gif', 'image/webp'],
  ]);
  const data = string(source['data'], `${path}.base64.data`);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(data) || data.length % 4 !== 0) {
    invalid(`${path}.base64`, 'invalid base64 data');
  }
}

function checkMark(block: JsonRecord, path: string): void {
  const { cache_control: mark } = block;
  if (mark === undefined) return;
  const fields = record(mark, `${path}.cache_control`, ['type', 'ttl']);
  oneOf(fields['type'], `${path}.cache_control.type`, ['ephemeral']);
  if ('ttl' in fields) oneOf(fields['ttl'], `${path}.cache_control.ttl`, ['5m', '1h']);
}

/** `system`, and the number of marks in all of the request. */
export function checkSystemAndMarks(body: JsonRecord): void {
  const { system } = body;
  if (typeof system === 'string') {
    if (system === '') invalid('system', 'text content blocks must be non-empty');
  } else if (system !== undefined && !Array.isArray(system)) {
    invalid('system', 'Input should be a valid list');
  }
  for (const [index, block] of listOf(system).entries())
    checkBlock(block, 'system', `system.${index}`);
  for (const [index, tool] of listOf(body['tools']).entries()) {
    if (isRecord(tool)) checkMark(tool, `tools.${index}`);
  }
  const marks = JSON.stringify(body).match(/"cache_control":\{"type":"ephemeral"/g) ?? [];
  if (marks.length > 4) {
    invalid('', `A maximum of 4 blocks with cache_control may be provided. Found ${marks.length}.`);
  }
}

function checkOrder(messages: readonly Message[], model: ClaudeModel): void {
  if (messages[0]?.role !== 'user') invalid('messages', 'first message must use the "user" role');
  for (const [index, { role }] of messages.entries()) {
    if (role !== 'system') continue;
    if (messages[index - 1]?.role !== 'user') {
      invalid(`messages.${index}`, "role 'system' must follow a 'user' message");
    }
    if (index + 1 < messages.length && messages[index + 1]?.role !== 'assistant') {
      invalid(
        `messages.${index}`,
        "role 'system' must precede an 'assistant' message or end the array",
      );
    }
  }
  const paused = messages.at(-1)?.blocks.some((block) => block['type'] === 'server_tool_use');
  if (messages.at(-1)?.role === 'assistant' && !model.prefill && !paused) {
    invalid(
      '',
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    );
  }
}

function isTool(block: JsonRecord): boolean {
  return block['type'] === 'tool_use' || block['type'] === 'tool_result';
}

/** Every call is answered in the next message, before anything else is said there. */
function checkPairs(messages: readonly Message[]): void {
  const everyId = new Set<string>();
  let open: readonly string[] = [];
  for (const [index, { role, blocks }] of messages.entries()) {
    const path = `messages.${index}`;
    const results = blocks.filter((block) => block['type'] === 'tool_result');
    for (const [place, result] of results.entries()) {
      const id = String(result['tool_use_id']);
      if (!open.includes(id)) {
        invalid(
          `${path}.content.${blocks.indexOf(result)}`,
          `unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
        );
      }
      if (results.findIndex((other) => other['tool_use_id'] === id) !== place) {
        invalid(
          path,
          `each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${id}`,
        );
      }
    }
    const first = blocks.slice(0, results.length).every((block) => block['type'] === 'tool_result');
    const missing = open.filter((id) => !results.some((result) => result['tool_use_id'] === id));
    if (missing.length > 0 || !first) {
      invalid(
        `messages.${index - 1}`,
        `\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${(missing.length > 0 ? missing : open).join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
      );
    }
    open = role === 'assistant' ? callsOf(blocks, path, everyId) : [];
  }
  if (open.length > 0) {
    invalid(
      `messages.${messages.length - 1}`,
      `\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(', ')}.`,
    );
  }
}

function callsOf(
  blocks: readonly JsonRecord[],
  path: string,
  everyId: Set<string>,
): readonly string[] {
  const calls = blocks.filter((block) => block['type'] === 'tool_use');
  for (const call of calls) {
    const id = String(call['id']);
    if (everyId.has(id)) invalid(path, `\`tool_use\` ids must be unique: ${id}`);
    everyId.add(id);
  }
  const from = blocks.findIndex((block) => block['type'] === 'tool_use');
  if (from >= 0 && blocks.slice(from).some((block) => block['type'] === 'text')) {
    invalid(path, 'text must not stand behind `tool_use` blocks');
  }
  return calls.map((call) => String(call['id']));
}
