import { isJsonArray, isJsonObject } from '../turn/json.ts';
import type { ImagePart, Json, JsonObject, TextPart } from '../turn/turn.ts';

export type Part = TextPart | ImagePart;

/** The content of a message or of a tool's output: a string, or parts of which unknown ones are skipped. */
export function contentParts(content: Json | undefined): readonly Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (isJsonArray(content)) return content.flatMap((part) => partOf(part) ?? []);
  // Older clients send a tool's output as an object.
  return isJsonObject(content) ? [{ type: 'text', text: JSON.stringify(content) }] : [];
}

/** All of the text, for places that take nothing else. */
export function textParts(content: Json | undefined): readonly TextPart[] {
  return contentParts(content).flatMap((part) => (part.type === 'text' ? part : []));
}

function partOf(part: Json): Part | undefined {
  if (typeof part === 'string') return { type: 'text', text: part };
  if (!isJsonObject(part)) return undefined;
  switch (part['type']) {
    case 'input_image':
    case 'image_url':
      return imagePart(part);
    case 'input_file':
      return note(filePart(part));
    case 'input_audio':
      return note('A recording was attached here; this model cannot hear it.');
    case 'refusal':
      return textOf(part['refusal']);
    case 'encrypted_content':
      return readable(part['encrypted_content']);
    default:
      // input_text, output_text, text, summary_text, reasoning_text and whatever else has text
      return textOf(part['text']);
  }
}

function textOf(text: Json | undefined): TextPart | undefined {
  return typeof text === 'string' ? { type: 'text', text } : undefined;
}

function note(text: string): TextPart {
  return { type: 'text', text: `[${text}]` };
}

function imagePart(part: JsonObject): Part {
  const given = part['image_url'];
  const url = isJsonObject(given) ? given['url'] : given;
  if (typeof url !== 'string' || !/^(?:data:|https?:)/i.test(url))
    return note('An image was attached here by reference; it cannot be shown to this model.');
  return { type: 'image', url, detail: detailOf(part['detail']) };
}

function detailOf(detail: Json | undefined): ImagePart['detail'] {
  switch (detail) {
    case 'auto':
    case 'low':
    case 'high':
    case 'original':
      return detail;
    default:
      return undefined;
  }
}

const textFile =
  /^data:(?:text\/[^;,]*|application\/(?:json|xml|x-yaml|yaml|toml|javascript))(?:;charset=[^;,]*)?;base64,/i;

/** Plain text is told; other files have no place in the neutral model, so the model learns that there was one. */
function filePart(part: JsonObject): string {
  const name = typeof part['filename'] === 'string' ? ` "${part['filename']}"` : '';
  const file = part['file_data'];
  const head = typeof file === 'string' ? textFile.exec(file)?.[0] : undefined;
  const text =
    typeof file === 'string' && head !== undefined
      ? base64Text(file.slice(head.length))
      : undefined;
  return text === undefined
    ? `A file${name} was attached here; it cannot be shown to this model.`
    : `File${name}:\n${text}\n`;
}

function base64Text(base64: string): string | undefined {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

/** A Fernet token: text that OpenAI's servers encrypted for their own models. */
const fernet = /^gAAAA[\w-]{60,}={0,2}$/;

/** What agents send each other: plain text when a call that went through here made it. */
function readable(text: Json | undefined): TextPart | undefined {
  if (typeof text !== 'string') return undefined;
  return fernet.test(text)
    ? note('This part was encrypted by another provider and cannot be read here.')
    : { type: 'text', text };
}
