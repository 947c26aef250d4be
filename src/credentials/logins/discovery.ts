import { type AuthorizationServer, processDiscoveryResponse } from 'oauth4webapi';
import type { WebCall } from '../../providers/webCall.ts';
import type { LoginDefinition, LoginEndpoints } from './definitions.ts';
import { isPinned } from './hostPin.ts';
import { responseOf } from './webResponse.ts';

export type Discovered =
  | { readonly ok: true; readonly endpoints: LoginEndpoints }
  | {
      readonly ok: false;
      readonly aborted: boolean;
      /** Goes on from "<label>: ". */
      readonly message: string;
    };

/**
 * Asks a login service for its addresses. One that lies elsewhere than the service itself is not
 * used: whoever can change this document must not be able to redirect a code or a token.
 */
export async function discoverEndpoints(
  definition: LoginDefinition,
  call: WebCall,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Discovered> {
  if (definition.issuer === undefined) return { ok: true, endpoints: definition.endpoints };
  const answer = await call({
    method: 'GET',
    url: `${definition.issuer}/.well-known/openid-configuration`,
    headers: { accept: 'application/json', ...headers },
    maxBytes: 256 * 1024,
    signal,
  });
  if (!answer.ok) {
    return {
      ok: false,
      aborted: answer.kind === 'aborted',
      message: `its login service: ${answer.message}`,
    };
  }
  if (answer.status !== 200) {
    return refused(
      `its login service does not work right now (HTTP ${answer.status}). Try again later.`,
    );
  }
  let server: AuthorizationServer;
  try {
    server = await processDiscoveryResponse(new URL(definition.issuer), responseOf(answer));
  } catch {
    return refused(
      'its login service gave a description of itself that makes no sense. Try again later.',
    );
  }
  const device = server.device_authorization_endpoint ?? definition.endpoints.device;
  const authorize = server.authorization_endpoint ?? definition.endpoints.authorize;
  const revoke = server.revocation_endpoint;
  const endpoints: LoginEndpoints = {
    token: server.token_endpoint ?? definition.endpoints.token,
    ...(device !== undefined && { device }),
    ...(authorize !== undefined && { authorize }),
    ...(revoke !== undefined && { revoke }),
    namesIssuer: server.authorization_response_iss_parameter_supported === true,
  };
  const stray = [endpoints.token, device, revoke].some(
    (address) => address !== undefined && !isPinned(address, definition.endpointHosts),
  );
  return stray || (authorize !== undefined && !isPinned(authorize, definition.pageHosts))
    ? refused(
        'its login service names an address at a host that OpenCodex does not know, so nothing was sent there. If your network is not being tampered with, update OpenCodex.',
      )
    : { ok: true, endpoints };
}

function refused(message: string): Discovered {
  return { ok: false, aborted: false, message };
}
