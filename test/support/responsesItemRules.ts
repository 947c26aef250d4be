import { at, isRecord, type JsonRecord, listOf } from './json.ts';
import { object, oneOf, refuse, text } from './refusal.ts';
import type { ReasoningLedger } from './responsesLedger.ts';
import { checkName } from './responsesToolRules.ts';

/**
 * The items of a conversation (https://www.openresponses.org/reference). Calls and results as xAI and
 * Moonshot want them: the calls of one step together, their results right behind them.
 */
const itemFields: Readonly<Record<string, readonly string[]>> = {
  message: ['type', 'id', 'status', 'role', 'content'],
  function_call: ['type', 'id', 'status', 'call_id', 'name', 'arguments'],
  function_call_output: ['type', 'id', 'status', 'call_id', 'output'],
  reasoning: ['type', 'id', 'status', 'summary', 'content', 'encrypted_content'],
};

const partFields: Readonly<Record<string, readonly string[]>> = {
  input_text: ['type', 'text'],
  input_image: ['type', 'image_url', 'detail'],
  output_text: ['type', 'text', 'annotations', 'logprobs'],
  refusal: ['type', 'refusal'],
};

const partsOfRole: Readonly<Record<string, readonly string[]>> = {
  system: ['input_text'],
  developer: ['input_text'],
  user: ['input_text', 'input_image'],
  assistant: ['output_text', 'refusal'],
};

export function checkItems(input: unknown, model: string, ledger: ReasoningLedger): void {
  if (input === undefined) refuse('input', "Missing required parameter: 'input'.");
  if (typeof input === 'string') {
    if (input === '') refuse('input', "'input' must not be empty.");
    return;
  }
  if (!Array.isArray(input)) refuse('input', "Invalid type for 'input'.");
  if (input.length === 0) refuse('input', "Invalid 'input': empty array.");
  const items = input.map((item, index) => checkItem(item, `input[${index}]`, model, ledger));
  checkPairs(items);
  checkReasoning(items);
  if (at(items, -1, 'role') === 'assistant')
    refuse('input', 'The last message must not be of the assistant.');
}

function checkItem(
  value: unknown,
  path: string,
  model: string,
  ledger: ReasoningLedger,
): JsonRecord {
  if (!isRecord(value)) refuse(path, `Invalid type for '${path}': expected an object.`);
  const type = value['type'] ?? ('role' in value ? 'message' : undefined);
  const fields = itemFields[String(type)];
  if (fields === undefined) {
    refuse(
      `${path}.type`,
      `Item type '${type}' is not supported. Supported values: ${Object.keys(itemFields).join(', ')}.`,
    );
  }
  const item = { ...object(value, path, fields), type };
  switch (type) {
    case 'message':
      checkMessage(item, path);
      break;
    case 'function_call':
      checkCall(item, path);
      break;
    case 'function_call_output':
      callIdOf(item, path);
      checkOutput(value['output'], `${path}.output`);
      break;
    default:
      if (!Array.isArray(value['summary']))
        refuse(`${path}.summary`, `Missing required parameter: '${path}.summary'.`);
      ledger.check(item, path, model);
  }
  return item;
}

function checkMessage(message: JsonRecord, path: string): void {
  const role = text(message['role'], `${path}.role`);
  const parts = partsOfRole[role];
  if (parts === undefined) {
    refuse(
      `${path}.role`,
      `Invalid value: '${role}'. Supported values are: ${Object.keys(partsOfRole).join(', ')}.`,
    );
  }
  checkContent(message['content'], parts, `${path}.content`);
}

function checkContent(content: unknown, parts: readonly string[], path: string): void {
  if (typeof content === 'string') {
    if (content.trim() === '') refuse(path, `'${path}' must not be empty.`);
    return;
  }
  if (!Array.isArray(content)) refuse(path, `Invalid type for '${path}'.`);
  if (content.length === 0) refuse(path, `Invalid '${path}': empty array.`);
  for (const [index, part] of content.entries()) checkPart(part, parts, `${path}[${index}]`);
}

function checkPart(value: unknown, allowed: readonly string[], path: string): void {
  const type = at(value, 'type');
  if (!oneOf(type, allowed)) {
    refuse(
      `${path}.type`,
      `Invalid value: '${type}'. Supported values are: ${allowed.join(', ')}.`,
    );
  }
  const part = object(value, path, partFields[String(type)] ?? []);
  if (type === 'input_image') {
    const url = text(part['image_url'], `${path}.image_url`);
    if (!/^(?:https:\/\/|data:image\/(?:png|jpeg|webp|gif);base64,)/.test(url))
      refuse(`${path}.image_url`, 'You uploaded an unsupported image.');
    if ('detail' in part && !oneOf(part['detail'], ['auto', 'low', 'high']))
      refuse(`${path}.detail`, `Invalid value: '${part['detail']}'.`);
    return;
  }
  const words = text(part[type === 'refusal' ? 'refusal' : 'text'], `${path}.text`);
  if (words.trim() === '') refuse(path, `'${path}' must not be empty.`);
}

function checkCall(call: JsonRecord, path: string): void {
  callIdOf(call, path);
  checkName(text(call['name'], `${path}.name`), `${path}.name`);
  if (!isRecord(parsed(text(call['arguments'], `${path}.arguments`))))
    refuse(`${path}.arguments`, `Invalid '${path}.arguments': not the JSON of an object.`);
}

function callIdOf(item: JsonRecord, path: string): string {
  const id = text(item['call_id'], `${path}.call_id`);
  if (id.length === 0 || id.length > 64)
    refuse(`${path}.call_id`, `Invalid '${path}.call_id': expected a length of 1 to 64.`);
  return id;
}

function checkOutput(output: unknown, path: string): void {
  if (typeof output !== 'string') checkContent(output, ['input_text', 'input_image'], path);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function checkPairs(items: readonly JsonRecord[]): void {
  const seen = new Set<string>();
  let open = new Set<string>();
  let answering = false;
  for (const [index, item] of items.entries()) {
    const path = `input[${index}]`;
    const id = String(item['call_id']);
    if (item['type'] === 'function_call_output') {
      if (!open.delete(id))
        refuse(path, `No tool call found for function call output with call_id ${id}.`);
      answering = true;
      continue;
    }
    if (item['type'] === 'function_call' && !(answering && open.size > 0)) {
      if (seen.has(id)) refuse(path, `Duplicate call_id ${id}.`);
      seen.add(id);
      open.add(id);
      answering = false;
      continue;
    }
    refuseOpen(open, path);
    open = new Set();
    answering = false;
  }
  refuseOpen(open, 'input');
}

function refuseOpen(open: ReadonlySet<string>, path: string): void {
  if (open.size > 0)
    refuse(path, `No tool output found right behind function call ${[...open].join(', ')}.`);
}

/** https://platform.openai.com/docs/guides/reasoning#keeping-reasoning-items-in-context */
function checkReasoning(items: readonly JsonRecord[]): void {
  for (const [index, item] of items.entries()) {
    if (item['type'] !== 'reasoning') continue;
    const next = items.slice(index + 1).find((other) => other['type'] !== 'reasoning');
    if (next?.['type'] !== 'function_call' && next?.['role'] !== 'assistant') {
      refuse(
        `input[${index}]`,
        `Item '${item['id']}' of type 'reasoning' was provided without its required following item.`,
      );
    }
  }
}

/** The text of a list of parts, or of a plain string. */
export function partText(content: unknown): string {
  if (typeof content === 'string') return content;
  return listOf(content)
    .map((part) => at(part, 'text') ?? at(part, 'refusal') ?? '')
    .join('');
}
