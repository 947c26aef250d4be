import type { Additions } from '../../turn/additions.ts';
import type { ImagePart, JsonObject, TextPart } from '../../turn/turn.ts';

/** The image types that the API takes. */
const imageTypes = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);

/** Text and image blocks. The API refuses text without a visible character: it is left out. */
export function contentBlocks(
  parts: readonly (TextPart | ImagePart)[],
  vision: boolean,
  additions: Additions,
): JsonObject[] {
  const blocks: JsonObject[] = [];
  for (const part of parts) {
    if (part.type === 'image') blocks.push(imageBlock(part.url, vision, additions));
    else if (isVisible(part.text)) blocks.push(textBlock(part.text));
  }
  return blocks;
}

export function textBlock(text: string): JsonObject {
  return { type: 'text', text };
}

export function isVisible(text: string): boolean {
  return /\S/.test(text);
}

function imageBlock(url: string, vision: boolean, additions: Additions): JsonObject {
  const told = (why: string): JsonObject =>
    textBlock(additions.add('attachment', `[An image stood here. ${why}]`));
  if (!vision) return told('This model reads text only.');
  if (!url.startsWith('data:')) return { type: 'image', source: { type: 'url', url } };
  const comma = url.indexOf(',');
  const [mediaType = '', ...parameters] = url.slice('data:'.length, comma).toLowerCase().split(';');
  if (comma < 0 || !imageTypes.has(mediaType) || !parameters.includes('base64')) {
    return told('The provider does not take its format.');
  }
  return {
    type: 'image',
    source: { type: 'base64', media_type: mediaType, data: url.slice(comma + 1) },
  };
}
