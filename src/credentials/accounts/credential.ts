import { createHash } from 'node:crypto';
import * as z from 'zod/mini';

/** The providers whose account login OpenCodex knows; their names are the keys of auth.json. */
export const accountProviders = ['xai', 'kimi', 'anthropic'] as const;

export type AccountProvider = (typeof accountProviders)[number];

export function isAccountProvider(name: string): name is AccountProvider {
  return accountProviders.some((known) => known === name);
}

/** Text; anything else counts as missing. */
const note = z.catch(z.optional(z.string()), undefined);

/** The fields of a credential in auth.json that OpenCodex uses; a record may have more. */
export const credentialSchema = z.object({
  access: z.string(),
  /** Empty: it cannot be refreshed. */
  refresh: z.string(),
  /** Milliseconds since 1970, earlier than the truth by the provider's skew. */
  expires: z.number(),
  email: note,
  accountId: note,
  /** `local-cli`: the tokens belong to another program, which a refresh would log out. */
  source: note,
});

export interface AccountCredential {
  readonly access: string;
  readonly refresh: string;
  readonly expires: number;
  readonly email?: string | undefined;
  readonly accountId?: string | undefined;
  readonly source?: string | undefined;
}

/** Tells one state of a credential from the next; `ocx` computes the same. */
export function generationOf({ refresh, access, expires }: AccountCredential): string {
  return sha256(JSON.stringify([refresh, access, expires]));
}

/** The name of an account's slot where the file gives it none, as `ocx` derives it. */
export function slotOf({ accountId, email, refresh }: AccountCredential): string {
  return sha256(identityOf({ accountId, email }) ?? refresh).slice(0, 32);
}

/** What tells one account of a provider from another. */
export function identityOf({
  accountId,
  email,
}: Pick<AccountCredential, 'accountId' | 'email'>): string | undefined {
  return [accountId, email].find((name) => name !== undefined && name !== '');
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
