import type { Additions } from '../../turn/additions.ts';
import type { ImagePart, JsonObject, TextPart } from '../../turn/turn.ts';
import { defined } from '../json.ts';

/** https://ai.google.dev/gemini-api/docs/image-understanding#supported-formats */
const imageTypes = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/heic', 'image/heif']);

export function textPart(text: string): JsonObject {
  return { text };
}

/** Text and image parts; an empty text is left out. */
export function partsOf(
  content: readonly (TextPart | ImagePart)[],
  vision: boolean,
  additions: Additions,
): readonly JsonObject[] {
  return content.flatMap((part) => {
    if (part.type === 'image') return [imagePart(part.url, vision, additions)];
    return part.text === '' ? [] : [textPart(part.text)];
  });
}

/** The image, or a text that says why there is none. */
export function imagePart(url: string, vision: boolean, additions: Additions): JsonObject {
  const told = (why: string): JsonObject =>
    textPart(additions.add('attachment', `[An image stood here. ${why}]`));
  if (!vision) return told('This model reads text only.');
  if (!url.startsWith('data:')) {
    return { fileData: defined({ fileUri: url, mimeType: typeByName(url) }) };
  }
  return inlineImage(url) ?? told('The provider does not take its format.');
}

/** The image of a `data:` URL, where the API takes its format. */
export function inlineImage(url: string): JsonObject | undefined {
  const comma = url.indexOf(',');
  if (!url.startsWith('data:') || comma < 0) return undefined;
  const [type = '', ...parameters] = url.slice('data:'.length, comma).toLowerCase().split(';');
  const mimeType = type === 'image/jpg' ? 'image/jpeg' : type;
  if (!imageTypes.has(mimeType) || !parameters.includes('base64')) return undefined;
  return { inlineData: { mimeType, data: url.slice(comma + 1) } };
}

function typeByName(url: string): string | undefined {
  const [, ending = ''] = /\.(\w+)(?:[?#]|$)/.exec(url) ?? [];
  const type = `image/${ending.toLowerCase().replace(/^jpg$/, 'jpeg')}`;
  return imageTypes.has(type) ? type : undefined;
}
