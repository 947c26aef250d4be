import { createHash, randomBytes } from 'node:crypto';

/** One login and all tokens that came of it. */
interface Family {
  readonly id: number;
  revoked: boolean;
}

/** The tokens of a fake identity provider: each refresh token works once, and a second use ends its family. */
export class TokenLedger {
  readonly #refreshTokens = new Map<string, { readonly family: Family; uses: number }>();
  #families = 0;
  /** Everything that must never appear anywhere but where it belongs. */
  readonly secrets: string[] = [];

  /** A random text that counts as a secret. */
  secret(prefix: string): string {
    const made = `${prefix}${randomBytes(18).toString('base64url')}`;
    this.secrets.push(made);
    return made;
  }

  /** A token that says who it is for; its signature is worth nothing. */
  jwt(claims: object): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const made = `${part({ alg: 'none' })}.${part(claims)}.${randomBytes(18).toString('base64url')}`;
    this.secrets.push(made);
    return made;
  }

  begin(): Family {
    this.#families += 1;
    return { id: this.#families, revoked: false };
  }

  refreshToken(family: Family): string {
    const made = this.secret('refresh-');
    this.#refreshTokens.set(made, { family, uses: 0 });
    return made;
  }

  /** The family that a refresh token continues; `undefined`: invalid_grant. */
  redeem(refreshToken: string): Family | undefined {
    const known = this.#refreshTokens.get(refreshToken);
    if (known === undefined) return undefined;
    known.uses += 1;
    if (known.uses > 1) known.family.revoked = true;
    return known.family.revoked ? undefined : known.family;
  }

  /** How often that refresh token was presented. */
  uses(refreshToken: string): number {
    return this.#refreshTokens.get(refreshToken)?.uses ?? 0;
  }

  revoke(refreshToken: string): boolean {
    const known = this.#refreshTokens.get(refreshToken);
    if (known !== undefined) known.family.revoked = true;
    return known !== undefined;
  }

  isRevoked(refreshToken: string): boolean {
    return this.#refreshTokens.get(refreshToken)?.family.revoked ?? false;
  }
}

/** PKCE with S256. */
export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}
