import type { WebCall } from '../../providers/webCall.ts';
import { claimsOf, textClaim } from '../logins/claims.ts';
import type { LoginDefinition } from '../logins/definitions.ts';
import { identityHeaders } from '../logins/identity.ts';
import { requestTokens, type TokenOutcome } from '../logins/tokenRequest.ts';
import type { AccountCredential } from './credential.ts';

/** Sends a refresh token to the one place that it may go to, once. */
export async function sendRefresh(
  definition: LoginDefinition,
  credential: AccountCredential,
  here: { readonly home: string; readonly version: string; readonly call: WebCall },
  signal: AbortSignal,
): Promise<TokenOutcome> {
  return requestTokens(definition, {
    parameters: {
      grant_type: 'refresh_token',
      refresh_token: credential.refresh,
      ...(definition.refresh.sendsPrincipal ? principalOf(credential) : undefined),
    },
    call: here.call,
    headers: await identityHeaders(definition, here),
    signal,
  });
}

/** A team's tokens are renewed in the team's name. */
function principalOf({ access }: AccountCredential): Readonly<Record<string, string>> {
  const claims = claimsOf(access);
  const [type, id] = [textClaim(claims, 'principal_type'), textClaim(claims, 'principal_id')];
  return type !== undefined && id !== undefined && /^team$/i.test(type)
    ? { principal_type: type, principal_id: id }
    : {};
}
