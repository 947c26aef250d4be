import * as z from 'zod/mini';
import type { AccountCredential } from '../accounts/credential.ts';
import { claimsOf, textClaim } from './claims.ts';
import type { ClaimSource, LoginDefinition } from './definitions.ts';

/** Also for a lifetime that is missing or makes no sense. */
const usualLifetimeS = 3600;
const longestLifetimeS = 365 * 24 * 3600;

const text = z.string().check(z.minLength(1));

const answerSchema = z.object({
  access_token: text,
  refresh_token: z.exactOptional(z.nullable(z.string())),
  id_token: z.exactOptional(z.nullable(z.string())),
  token_type: z.exactOptional(z.nullable(z.string())),
  expires_in: z.exactOptional(z.unknown()),
  account: z.exactOptional(
    z.nullable(
      z.object({
        uuid: z.exactOptional(z.nullable(z.string())),
        email_address: z.exactOptional(z.nullable(z.string())),
      }),
    ),
  ),
});

type TokenAnswer = z.infer<typeof answerSchema>;

export interface Granted {
  readonly credential: AccountCredential;
  /** Only for checking that it belongs to this login. */
  readonly nonce: string | undefined;
}

/**
 * Reads what a token endpoint grants. `refresh` is the refresh token that was sent: it stays in force
 * where the answer brings no new one. `undefined`: this is not such an answer.
 */
export function readTokenAnswer(
  definition: LoginDefinition,
  body: string,
  receivedAt: number,
  refresh?: string,
): Granted | undefined {
  const read = answerSchema.safeParse(parse(body));
  if (!read.success) return undefined;
  const answer = read.data;
  if (!/^bearer$/i.test(answer.token_type ?? 'bearer')) return undefined;
  const kept = answer.refresh_token || refresh;
  // They travel in headers and in a file that other programs read.
  if (
    kept === undefined ||
    ![answer.access_token, kept].every((token) => /^[\x21-\x7e]+$/.test(token))
  )
    return undefined;

  const accountId = definition.accountId
    .map((source) => claim(source, answer, kept))
    .find((id) => id !== undefined);
  const email = (['id.email', 'access.email'] as const satisfies readonly ClaimSource[])
    .map((source) => claim(source, answer, kept))
    .concat(answer.account?.email_address ?? undefined)
    .find((address) => address !== undefined);
  const lifetimeMs = lifetime(answer.expires_in) * 1000;
  return {
    credential: {
      access: answer.access_token,
      refresh: kept,
      expires: receivedAt + lifetimeMs - Math.min(definition.skewMs, lifetimeMs / 2),
      ...(accountId !== undefined && { accountId }),
      ...(email !== undefined && { email: email.toLowerCase() }),
    },
    nonce: textClaim(claimsOf(answer.id_token ?? ''), 'nonce'),
  };
}

function claim(source: ClaimSource, answer: TokenAnswer, refresh: string): string | undefined {
  if (source === 'account.uuid') return answer.account?.uuid ?? undefined;
  const [kind = '', name = ''] = source.split('.');
  const tokens: Readonly<Record<string, string>> = {
    access: answer.access_token,
    refresh,
    id: answer.id_token ?? '',
  };
  return textClaim(claimsOf(tokens[kind] ?? ''), name);
}

function lifetime(given: unknown): number {
  const seconds = typeof given === 'string' ? Number(given) : given;
  return typeof seconds === 'number' && seconds > 0 && seconds <= longestLifetimeS
    ? seconds
    : usualLifetimeS;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
