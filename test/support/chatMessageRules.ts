import type { ChatDialect } from './chatRules.ts';
import { at, isRecord, listOf } from './json.ts';
import { object, oneOf, refuse, text } from './refusal.ts';

const contentParts: Readonly<Record<string, readonly string[]>> = {
  system: ['text'],
  developer: ['text'],
  user: ['text', 'image_url'],
  assistant: ['text', 'refusal'],
  tool: ['text'],
};

const messageFields: Readonly<Record<string, readonly string[]>> = {
  system: ['role', 'content', 'name'],
  developer: ['role', 'content', 'name'],
  user: ['role', 'content', 'name'],
  assistant: ['role', 'content', 'name', 'tool_calls', 'refusal'],
  tool: ['role', 'content', 'tool_call_id'],
};

/** `messages`: roles, content, and calls with their results. */
export function checkMessages(value: unknown, dialect: ChatDialect): void {
  if (!Array.isArray(value)) refuse('messages', "Missing required parameter: 'messages'.");
  if (value.length === 0) refuse('messages', "[] is too short - 'messages'");
  /** Calls of the newest assistant message that have no result yet. */
  let open = new Set<string>();
  const everyId = new Set<string>();
  for (const [index, message] of value.entries()) {
    const path = `messages.[${index}]`;
    const role = checkMessage(message, path, dialect);
    if (role === 'tool') {
      const id = text(at(message, 'tool_call_id'), `${path}.tool_call_id`);
      if (!open.delete(id)) {
        refuse(
          `${path}.role`,
          everyId.has(id)
            ? `Invalid parameter: 'tool_call_id' of '${id}' has been answered already or is not of the preceding message.`
            : "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.",
        );
      }
      continue;
    }
    refuseOpen(open, `${path}.role`);
    open = new Set();
    for (const [place, item] of listOf(at(message, 'tool_calls')).entries()) {
      const id = checkCall(item, `${path}.tool_calls.[${place}]`);
      if (everyId.has(id))
        refuse(`${path}.tool_calls`, `Duplicate value for 'tool_call_id' of '${id}'.`);
      everyId.add(id);
      open.add(id);
    }
  }
  refuseOpen(open, `messages.[${value.length - 1}].role`);
  if (at(value, -1, 'role') === 'assistant') {
    refuse('messages', "Expected last role User or Tool for serving but got 'assistant'.");
  }
}

function refuseOpen(open: ReadonlySet<string>, path: string): void {
  if (open.size === 0) return;
  refuse(
    path,
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...open].join(', ')}`,
  );
}

function checkMessage(message: unknown, path: string, dialect: ChatDialect): string {
  if (!isRecord(message)) refuse(path, `${path} must be an object`);
  const role = text(message['role'], `${path}.role`);
  const fields = messageFields[role];
  if (fields === undefined) {
    refuse(
      `${path}.role`,
      `Invalid value: '${role}'. Supported values are: ${Object.keys(messageFields).join(', ')}.`,
    );
  }
  const extra = role === 'assistant' ? dialect.assistantFields : [];
  object(message, path, [...fields, ...extra]);
  if ('name' in message && !/^[a-zA-Z0-9_-]{1,64}$/.test(text(message['name'], `${path}.name`))) {
    refuse(`${path}.name`, `Invalid '${path}.name': string does not match pattern.`);
  }
  if ('tool_calls' in message && listOf(message['tool_calls']).length === 0) {
    refuse(`${path}.tool_calls`, `Invalid '${path}.tool_calls': empty array.`);
  }
  const { content } = message;
  if (
    role === 'assistant' &&
    'tool_calls' in message &&
    (content === null || content === undefined)
  ) {
    return role;
  }
  checkContent(content, role, path, 'tool_calls' in message);
  return role;
}

function checkContent(content: unknown, role: string, path: string, mayBeEmpty: boolean): void {
  if (typeof content === 'string') {
    if (content === '' && role !== 'tool' && !mayBeEmpty) {
      refuse(
        path,
        `Invalid request: message at position ${path} with role '${role}' must not be empty`,
      );
    }
    return;
  }
  if (!Array.isArray(content)) {
    refuse(
      `${path}.content`,
      `Invalid value for 'content': expected a string, got ${content === null ? 'null' : typeof content}.`,
    );
  }
  if (content.length === 0) refuse(`${path}.content`, `Invalid '${path}.content': empty array.`);
  for (const [index, part] of content.entries()) {
    checkPart(part, role, `${path}.content.[${index}]`);
  }
}

function checkPart(part: unknown, role: string, path: string): void {
  const type = text(at(part, 'type'), `${path}.type`);
  if (contentParts[role]?.includes(type) !== true) {
    refuse(path, `Invalid content type '${type}' in a message with role '${role}'.`);
  }
  if (type === 'image_url') {
    object(part, path, ['type', 'image_url']);
    const image = object(at(part, 'image_url'), `${path}.image_url`, ['url', 'detail']);
    checkImage(text(image['url'], `${path}.image_url.url`), path);
    const { detail } = image;
    if (detail !== undefined && !oneOf(detail, ['auto', 'low', 'high'])) {
      refuse(
        `${path}.image_url.detail`,
        `Invalid value: '${detail}'. Supported values are: 'low', 'high', and 'auto'.`,
      );
    }
    return;
  }
  object(part, path, ['type', type]);
  if (text(at(part, type), `${path}.${type}`) === '')
    refuse(path, `Invalid request: text content must not be empty`);
}

function checkImage(url: string, path: string): void {
  if (/^https?:\/\//.test(url)) return;
  const [, base64] =
    /^data:image\/(?:png|jpe?g|gif|webp);base64,([A-Za-z0-9+/]+={0,2})$/.exec(url) ?? [];
  if (base64 === undefined || base64.length % 4 !== 0) {
    refuse(
      `${path}.image_url.url`,
      'You uploaded an unsupported image. Please make sure your image is valid.',
    );
  }
}

function checkCall(value: unknown, path: string): string {
  const item = object(value, path, ['id', 'type', 'function']);
  const type = text(item['type'], `${path}.type`);
  if (type !== 'function') refuse(`${path}.type`, `Invalid value: '${type}'.`);
  const id = text(item['id'], `${path}.id`);
  if (id === '' || id.length > 40) {
    refuse(
      `${path}.id`,
      `Invalid '${path}.id': expected a string with a length of 1 to 40, but got ${id.length}.`,
    );
  }
  const fn = object(item['function'], `${path}.function`, ['name', 'arguments']);
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(text(fn['name'], `${path}.function.name`))) {
    refuse(
      `${path}.function.name`,
      `Invalid '${path}.function.name': string does not match pattern '^[a-zA-Z0-9_-]{1,64}$'.`,
    );
  }
  const args = text(fn['arguments'], `${path}.function.arguments`);
  if (!isRecord(parsed(args))) {
    refuse(
      `${path}.function.arguments`,
      `Invalid '${path}.function.arguments': expected the JSON text of an object.`,
    );
  }
  return id;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
