import type { WebCall } from '../../providers/webCall.ts';
import type { AccountCredential } from '../accounts/credential.ts';
import type { LoginDefinition } from './definitions.ts';
import { discoverEndpoints } from './discovery.ts';

const patienceMs = 5_000;

/**
 * Asks a provider to withdraw a login (RFC 7009), which takes both tokens with it. `unknown`: the
 * provider offers no such request.
 */
export async function revokeLogin(
  definition: LoginDefinition,
  { refresh, access }: AccountCredential,
  call: WebCall,
  headers: Readonly<Record<string, string>>,
): Promise<'revoked' | 'failed' | 'unknown'> {
  const signal = AbortSignal.timeout(patienceMs);
  const discovered = await discoverEndpoints(definition, call, headers, signal);
  if (!discovered.ok) return 'failed';
  const { revoke } = discovered.endpoints;
  if (revoke === undefined) return 'unknown';
  const answer = await call({
    method: 'POST',
    url: revoke,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams({
      client_id: definition.clientId,
      token: refresh === '' ? access : refresh,
    }).toString(),
    maxBytes: 64 * 1024,
    signal,
  });
  return answer.ok && answer.status === 200 ? 'revoked' : 'failed';
}
