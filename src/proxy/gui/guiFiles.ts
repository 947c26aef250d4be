import { readFileSync } from 'node:fs';

/** The page's files, as the build lays them down; read anew so that an update shows at once. */
const types: Readonly<Record<string, string>> = {
  'main.js': 'text/javascript; charset=utf-8',
  'main.css': 'text/css; charset=utf-8',
  'browser.css': 'text/css; charset=utf-8',
};

/** Beside the bundle; the sources take those of the last build. */
const fromSource = import.meta.url.endsWith('.ts');
const pageFolder = new URL(
  fromSource ? '../../../dist/dashboard/' : './dashboard/',
  import.meta.url,
);
const textFolder = new URL(fromSource ? '../../../l10n/' : '../l10n/', import.meta.url);

/** A file of the page; only those that it needs can be asked for. */
export function guiFile(
  name: string,
): { readonly type: string; readonly text: string } | undefined {
  const type = Object.hasOwn(types, name) ? types[name] : undefined;
  const text = type === undefined ? undefined : read(new URL(name, pageFolder));
  return type === undefined || text === undefined ? undefined : { type, text };
}

/** The page's texts in the first language of the browser that we have; as JSON. */
export function guiTexts(accepted = ''): { readonly language: string; readonly texts: string } {
  const language = acceptedLanguage(accepted);
  if (language === 'en') return { language, texts: '{}' };
  const texts = read(new URL(`bundle.l10n.${language}.json`, textFolder));
  return texts === undefined ? { language: 'en', texts: '{}' } : { language, texts };
}

/** Of an `Accept-Language` header (RFC 9110 §12.5.4). */
export function acceptedLanguage(header: string): 'en' | 'zh-cn' {
  const wanted = header
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/);
      const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
      return { tag, quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality);
  for (const { tag } of wanted) {
    if (/^en\b/.test(tag)) return 'en';
    if (/^zh(-(hans|cn|sg)\b.*)?$/.test(tag)) return 'zh-cn';
  }
  return 'en';
}

function read(file: URL): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
