import type { GeminiModel } from './geminiModels.ts';
import { boolean, invalid, list, oneOf, record, string } from './geminiRefusal.ts';
import { isRecord, type JsonRecord, listOf } from './json.ts';

/** `contents`, as https://ai.google.dev/api/caching#Content and #Part describe them. */
export interface Content {
  readonly role: 'user' | 'model';
  readonly parts: readonly JsonRecord[];
}

export function contentsOf(body: JsonRecord): readonly Content[] {
  return listOf(body['contents'])
    .filter(isRecord)
    .map((content) => ({
      role: content['role'] === 'model' ? 'model' : 'user',
      parts: listOf(content['parts']).filter(isRecord),
    }));
}

export function checkContents(body: JsonRecord, model: GeminiModel): void {
  if (body['contents'] === undefined) {
    invalid('* GenerateContentRequest.contents: contents is not specified');
  }
  const contents = list(body['contents'], 'contents');
  if (contents.length === 0) {
    invalid('* GenerateContentRequest.contents: contents is not specified');
  }
  for (const [index, content] of contents.entries()) {
    const path = `contents[${index}]`;
    const { role } = record(content, path, ['role', 'parts']);
    if (role !== 'user' && role !== 'model') invalid('Please use a valid role: user, model.');
    checkParts(content, path, role, model);
  }
  checkOrder(contentsOf(body));
  checkCalls(contentsOf(body), model);
}

const data = [
  ...['text', 'inlineData', 'fileData', 'functionCall', 'functionResponse'],
  ...['executableCode', 'codeExecutionResult'],
];
const partFields = [...data, 'thought', 'thoughtSignature', 'mediaResolution'];

function checkParts(content: unknown, path: string, role: string, model: GeminiModel): void {
  const parts = isRecord(content) ? content['parts'] : undefined;
  if (parts === undefined || list(parts, `${path}.parts`).length === 0) {
    invalid(`* GenerateContentRequest.${path}.parts: contents.parts must not be empty.`);
  }
  for (const [index, value] of list(parts, `${path}.parts`).entries()) {
    const place = `${path}.parts[${index}]`;
    const part = record(value, place, partFields);
    const kinds = data.filter((kind) => kind in part);
    if (kinds.length === 0) {
      invalid(
        `* GenerateContentRequest.${place}.data: required oneof field 'data' must have one initialized field`,
      );
    }
    if (kinds.length > 1) {
      invalid(`Invalid value at '${place}' (oneof), oneof field 'data' is already set.`);
    }
    boolean(part['thought'], `${place}.thought`);
    checkData(part, place, role, model);
  }
}

function checkData(part: JsonRecord, path: string, role: string, model: GeminiModel): void {
  const ofModel = ['functionCall', 'thought', 'thoughtSignature'].find((key) => key in part);
  if (role === 'user' && ofModel !== undefined) {
    invalid(`${path}: ${ofModel} is only allowed in a content of role 'model'.`);
  }
  const ofUser = ['functionResponse', 'inlineData', 'fileData'].find((key) => key in part);
  if (role === 'model' && ofUser !== undefined) {
    invalid(`${path}: ${ofUser} is only allowed in a content of role 'user'.`);
  }
  if ('text' in part) string(part['text'], `${path}.text`);
  if ('inlineData' in part) checkInline(part['inlineData'], `${path}.inline_data`);
  if ('fileData' in part) {
    const file = record(part['fileData'], `${path}.file_data`, ['fileUri', 'mimeType']);
    const uri = string(file['fileUri'], `${path}.file_data.file_uri`);
    if (!uri.startsWith('https://')) invalid(`Unsupported file uri: ${uri.slice(0, 40)}`);
  }
  if ('functionCall' in part) {
    const call = record(part['functionCall'], `${path}.function_call`, ['id', 'name', 'args']);
    checkName(call['name'], `${path}.function_call.name`);
    if ('args' in call && !isRecord(call['args'])) {
      invalid(
        `Invalid value at '${path}.function_call.args' (type.googleapis.com/google.protobuf.Struct)`,
      );
    }
  }
  if ('functionResponse' in part) {
    checkResponse(part['functionResponse'], `${path}.function_response`, model);
  }
}

const imageTypes = ['image/png', 'image/jpeg', 'image/webp', 'image/heic', 'image/heif'];

/** https://ai.google.dev/gemini-api/docs/image-understanding#supported-formats */
function checkInline(value: unknown, path: string): void {
  const { mimeType, data: bytes } = record(value, path, ['mimeType', 'data']);
  const type = string(mimeType, `${path}.mime_type`);
  if (!imageTypes.includes(type)) invalid(`Unsupported MIME type: ${type}`);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(string(bytes, `${path}.data`))) {
    invalid(`Invalid value at '${path}.data' (TYPE_BYTES), Base64 decoding failed`);
  }
}

const functionName = /^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$/;

export function checkName(value: unknown, path: string): string {
  if (value === undefined || value === '') invalid(`${path}: Name cannot be empty.`);
  const name = string(value, path);
  if (!functionName.test(name)) {
    invalid(
      `${path}: [FIELD_INVALID] Invalid function name. Must start with a letter or an underscore. Must be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128.`,
    );
  }
  return name;
}

function checkResponse(value: unknown, path: string, model: GeminiModel): void {
  const fields = ['id', 'name', 'response', 'parts', 'willContinue', 'scheduling'];
  const response = record(value, path, fields);
  checkName(response['name'], `${path}.name`);
  if (!isRecord(response['response'])) {
    invalid(`Invalid value at '${path}.response' (type.googleapis.com/google.protobuf.Struct)`);
  }
  if (response['parts'] === undefined) return;
  if (!model.richResponses) invalid(`${path}.parts: multimodal responses are not supported.`);
  for (const [index, part] of list(response['parts'], `${path}.parts`).entries()) {
    const { inlineData } = record(part, `${path}.parts[${index}]`, ['inlineData']);
    checkInline(inlineData, `${path}.parts[${index}].inline_data`);
  }
}

function checkOrder(contents: readonly Content[]): void {
  for (const [index, { role }] of contents.entries()) {
    if (role !== (index % 2 === 0 ? 'user' : 'model')) {
      invalid('Please ensure that multiturn requests alternate between user and model.');
    }
  }
  if (contents.at(-1)?.role !== 'user') {
    invalid(
      'Please ensure that single turn requests end with a user role or the role field is empty.',
    );
  }
}

/** https://ai.google.dev/gemini-api/docs/function-calling#parallel_function_calling */
function checkCalls(contents: readonly Content[], model: GeminiModel): void {
  const ids = new Set<unknown>();
  for (const [index, { role, parts }] of contents.entries()) {
    const calls = inside(parts, 'functionCall');
    for (const { id } of calls) {
      if (id !== undefined && ids.has(id)) invalid(`Duplicate function call id: ${id}`);
      ids.add(id);
    }
    const responses = inside(contents[index + 1]?.parts ?? [], 'functionResponse');
    if (role === 'user') continue;
    if (calls.length === 0 && responses.length > 0) {
      invalid(
        'Please ensure that function response turn comes immediately after a function call turn.',
      );
    }
    if (calls.length !== responses.length) {
      invalid(
        'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
      );
    }
    for (const [place, call] of calls.entries()) checkPair(call, responses[place], model);
  }
  if (inside(contents[0]?.parts ?? [], 'functionResponse').length > 0) {
    invalid(
      'Please ensure that function response turn comes immediately after a function call turn.',
    );
  }
}

function checkPair(call: JsonRecord, response: JsonRecord | undefined, model: GeminiModel): void {
  if (response?.['name'] !== call['name']) {
    invalid(
      'Please ensure that the function response names match the function call names, in order.',
    );
  }
  if (response?.['id'] !== call['id'] || (model.richResponses && call['id'] === undefined)) {
    invalid(
      `Please ensure that the id of the function response matches the function call ${call['name']}.`,
    );
  }
}

export function inside(parts: readonly JsonRecord[], kind: string): readonly JsonRecord[] {
  return parts.map((part) => part[kind]).filter(isRecord);
}

/** https://ai.google.dev/gemini-api/docs/text-generation#system-instructions */
export function checkInstruction(value: unknown, model: GeminiModel): void {
  if (value === undefined) return;
  if (!model.instructions) invalid('Developer instruction is not enabled for this model');
  const { role, parts } = record(value, 'system_instruction', ['role', 'parts']);
  if (role !== undefined) oneOf(role, 'system_instruction.role', ['user', 'system']);
  const all = list(parts, 'system_instruction.parts');
  if (all.length === 0)
    invalid('* GenerateContentRequest.system_instruction.parts: must not be empty.');
  for (const [index, part] of all.entries()) {
    const path = `system_instruction.parts[${index}]`;
    string(record(part, path, ['text'])['text'], `${path}.text`);
  }
}
