import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import * as tls from 'node:tls';
import { Agent, buildConnector, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { isForbiddenHost } from '../credentials/pinnedHosts.ts';
import { ForbiddenAddress } from './networkError.ts';

/** How the proxy reaches the network; what is missing comes from the environment. */
export interface NetworkOptions {
  /** The HTTP proxy for every provider, as the editor's `http.proxy`. */
  readonly proxy?: string;
  /** Hosts that are reached without it, as in NO_PROXY. */
  readonly noProxy?: string;
  /** Further trusted root certificates, PEM. */
  readonly certificates?: readonly string[];
  /** Opens the connections instead of the system; cannot cross a thread. */
  readonly connect?: buildConnector.connector;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Local model servers are never behind the company's proxy. */
const local = 'localhost,127.0.0.1,::1';

/** Pooled connections to all providers. */
export function createDispatcher(env: Environment, network: NetworkOptions): Dispatcher {
  const options: Agent.Options = {
    // A model may think for a long time before the first byte and between two; a dead peer is
    // noticed by TCP keep-alive, and an impatient user closes the stream.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 15_000,
    allowH2: false,
    connect: network.connect ?? lazyConnector(network),
  };
  const httpProxy = network.proxy || variable(env, 'http_proxy');
  const httpsProxy = network.proxy || variable(env, 'https_proxy');
  if (httpProxy === '' && httpsProxy === '') return new Agent(options);
  const excepted = [network.noProxy, variable(env, 'no_proxy'), local];
  const tlsOptions = secureOptions(network);
  return new EnvHttpProxyAgent({
    ...options,
    // Empty, not missing: a missing one would be read from the process's own environment.
    httpProxy,
    httpsProxy: httpsProxy || httpProxy,
    noProxy: excepted.filter((hosts) => hosts !== undefined && hosts !== '').join(','),
    requestTls: tlsOptions,
    proxyTls: tlsOptions,
  });
}

/** Reading the system's certificates takes longer than a local answer: only who needs TLS waits. */
function lazyConnector(network: NetworkOptions): buildConnector.connector {
  const plain = buildConnector(plainOptions);
  let secure: buildConnector.connector | undefined;
  return (options, callback) => {
    if (options.protocol !== 'https:') {
      plain(options, callback);
      return;
    }
    secure ??= buildConnector(secureOptions(network));
    secure(options, callback);
  };
}

/** Looks a name up and refuses what may not be connected to, which the base URL did not show. */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  systemLookup(hostname, options, (error, address, family) => {
    const found = typeof address === 'string' ? [address] : (address ?? []).map((a) => a.address);
    if (error === null && found.some(isForbiddenHost)) {
      callback(new ForbiddenAddress(hostname), '', 0);
    } else {
      callback(error, address, family);
    }
  });
};

const plainOptions: buildConnector.BuildOptions = {
  timeout: 15_000,
  autoSelectFamily: true,
  allowH2: false,
  lookup: guardedLookup,
};

function secureOptions(network: NetworkOptions): buildConnector.BuildOptions {
  const secureContext = trustedRoots(network);
  return secureContext === undefined ? plainOptions : { ...plainOptions, secureContext };
}

function variable(env: Environment, name: string): string {
  return env[name] || env[name.toUpperCase()] || '';
}

/** Node trusts its own list only; companies put their roots into the system's. */
function trustedRoots(network: NetworkOptions): tls.SecureContext | undefined {
  const more = [...systemCertificates(), ...(network.certificates ?? [])];
  if (more.length === 0) return undefined;
  // One context for all connections: reading some hundred certificates for each would cost more
  // than the connection.
  try {
    return tls.createSecureContext({ ca: [...new Set([...tls.rootCertificates, ...more])] });
  } catch {
    return undefined; // one of them is no certificate: Node's own list is left
  }
}

function systemCertificates(): readonly string[] {
  // Node has it from 22.15 on; editors may be built without.
  if (typeof tls.getCACertificates !== 'function') return [];
  try {
    return [...tls.getCACertificates('system'), ...tls.getCACertificates('extra')];
  } catch {
    return [];
  }
}
