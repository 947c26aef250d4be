import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A ChatGPT login as Codex stores it; nobody has signed it. */
export interface FakeLogin {
  readonly accessToken: string;
  readonly accountId: string;
}

/** Signs a Codex in, as far as its own files go. */
export function writeLogin(codexHome: string): FakeLogin {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const accountId = 'account-of-the-user';
  const claims = {
    exp: 4_000_000_000,
    email: 'user@example.test',
    'https://api.openai.com/auth': { chatgpt_account_id: accountId, chatgpt_plan_type: 'pro' },
  };
  const token = [part({ alg: 'none' }), part(claims), 'c2ln'].join('.');
  const auth = {
    auth_mode: 'chatgpt',
    OPENAI_API_KEY: null,
    tokens: {
      id_token: token,
      access_token: token,
      refresh_token: 'refresh-token-of-the-user',
      account_id: accountId,
    },
    last_refresh: new Date().toISOString(),
  };
  writeFileSync(join(codexHome, 'auth.json'), JSON.stringify(auth), { mode: 0o600 });
  return { accessToken: token, accountId };
}
