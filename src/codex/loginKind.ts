import { readFile } from 'node:fs/promises';
import { isJsonObject, parseJsonObject } from '../turn/json.ts';
import { codexAuthPath } from './home.ts';

/** How Codex is signed in, as far as its auth.json says. */
export type LoginKind = 'chatgpt' | 'api_key' | 'none';

/** Reads the kind of Codex's login; no credential leaves this function. */
export async function loginKind(codexFolder: string): Promise<LoginKind> {
  let text: string;
  try {
    text = await readFile(codexAuthPath(codexFolder), 'utf8');
  } catch {
    return 'none';
  }
  const auth = parseJsonObject(text);
  if (auth === undefined) {
    return 'none';
  }
  const tokens = auth['tokens'];
  const signedIn = isJsonObject(tokens) && isText(tokens['access_token']);
  const apiKey = isText(auth['OPENAI_API_KEY']);
  // Older files have no `auth_mode`; there a key wins, as it does in Codex.
  switch (auth['auth_mode']) {
    case 'apikey':
      return apiKey ? 'api_key' : 'none';
    case undefined:
    case null:
      return apiKey ? 'api_key' : signedIn ? 'chatgpt' : 'none';
    default:
      return signedIn ? 'chatgpt' : 'none';
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
