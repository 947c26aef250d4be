import { Additions } from '../turn/additions.ts';
import { isJsonArray, isJsonObject } from '../turn/json.ts';
import type { ImagePart, Json, JsonObject, TextPart } from '../turn/turn.ts';

export type Part = TextPart | ImagePart;

/** The content of a message or of a tool's output: a string, or parts of which unknown ones are skipped. */
export function contentParts(
  content: Json | undefined,
  additions = new Additions(),
): readonly Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (isJsonArray(content)) return content.flatMap((part) => partOf(part, additions) ?? []);
  // Older clients send a tool's output as an object.
  return isJsonObject(content) ? [{ type: 'text', text: JSON.stringify(content) }] : [];
}

/** All of the text, for places that take nothing else. */
export function textParts(
  content: Json | undefined,
  additions = new Additions(),
): readonly TextPart[] {
  return contentParts(content, additions).flatMap((part) => (part.type === 'text' ? part : []));
}

function partOf(part: Json, additions: Additions): Part | undefined {
  if (typeof part === 'string') return { type: 'text', text: part };
  if (!isJsonObject(part)) return undefined;
  switch (part['type']) {
    case 'input_image':
    case 'image_url':
      return imagePart(part, additions);
    case 'input_file':
      return filePart(part, additions);
    case 'input_audio':
      return note('A recording was attached here; this model cannot hear it.', additions);
    case 'refusal':
      return textOf(part['refusal']);
    case 'encrypted_content':
      return readable(part['encrypted_content'], additions);
    default:
      // input_text, output_text, text, summary_text, reasoning_text and whatever else has text
      return textOf(part['text']);
  }
}

function textOf(text: Json | undefined): TextPart | undefined {
  return typeof text === 'string' ? { type: 'text', text } : undefined;
}

function note(text: string, additions: Additions): TextPart {
  return { type: 'text', text: additions.add('attachment', `[${text}]`) };
}

function imagePart(part: JsonObject, additions: Additions): Part {
  const given = part['image_url'];
  const url = isJsonObject(given) ? given['url'] : given;
  if (typeof url !== 'string' || !/^(?:data:|https?:)/i.test(url))
    return note(
      'An image was attached here by reference; it cannot be shown to this model.',
      additions,
    );
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
function filePart(part: JsonObject, additions: Additions): TextPart {
  const name = typeof part['filename'] === 'string' ? ` "${part['filename']}"` : '';
  const file = part['file_data'];
  const head = typeof file === 'string' ? textFile.exec(file)?.[0] : undefined;
  const text =
    typeof file === 'string' && head !== undefined
      ? base64Text(file.slice(head.length))
      : undefined;
  if (text === undefined)
    return note(`A file${name} was attached here; it cannot be shown to this model.`, additions);
  additions.add('attachment', `[File${name}:\n…\n]`);
  return { type: 'text', text: `[File${name}:\n${text}\n]` };
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
function readable(text: Json | undefined, additions: Additions): TextPart | undefined {
  if (typeof text !== 'string') return undefined;
  return fernet.test(text)
    ? note('This part was encrypted by another provider and cannot be read here.', additions)
    : { type: 'text', text };
}
