import * as z from 'zod/mini';

const claimsSchema = z.record(z.string(), z.unknown());

export type Claims = Readonly<Record<string, unknown>>;

/**
 * What a JSON Web Token says of itself; nothing where it is none. Nobody checks its signature: this is
 * only for telling accounts apart and for showing who is logged in.
 */
export function claimsOf(token: string): Claims {
  const [, payload = ''] = token.split('.');
  try {
    const read = claimsSchema.safeParse(
      JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')),
    );
    return read.success ? read.data : {};
  } catch {
    return {};
  }
}

/** A claim that is text with something in it. */
export function textClaim(claims: Claims, name: string): string | undefined {
  const value = claims[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
