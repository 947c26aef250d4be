import { createHmac, randomBytes } from 'node:crypto';
import { type Agent, type IncomingMessage, request } from 'node:http';
import { sameToken } from '../credentials/token.ts';
import { linkVersion } from '../link/version.ts';
import { isJsonObject, parseJson } from '../turn/json.ts';
import { CappedText } from './cappedText.ts';

/** The one path of the management API that needs no token: it is how a token is not given away. */
export const identityPath = '/api/identity';

const product = 'opencodex';
const nonceShape = /^[0-9a-f]{32,128}$/;

export interface Identity {
  readonly product: string;
  readonly version: string;
  /** The version of what proxies say to each other. */
  readonly link: number;
  readonly pid: number;
  /** Shows that the answerer knows the token, for this port and this question only. */
  readonly proof: string;
}

/** Answers a challenge; `undefined` for one that is none. */
export function identify(
  nonce: string | null,
  who: { readonly token: string; readonly port: number; readonly version: string },
): Identity | undefined {
  if (nonce === null || !nonceShape.test(nonce)) return undefined;
  const { pid } = process;
  const proof = proofOf(who.token, nonce, who.port, pid);
  return { product, version: who.version, link: linkVersion, pid, proof };
}

function proofOf(token: string, nonce: string, port: number, pid: number): string {
  return createHmac('sha256', token).update(`opencodex ${nonce} ${port} ${pid}`).digest('hex');
}

/** Who serves a port. */
export type Occupant =
  | {
      readonly kind: 'ours';
      readonly pid: number;
      readonly version: string;
      readonly link: number;
    }
  /** Another program, by the name it gives itself, if any; `silent`: nothing was heard of it. */
  | { readonly kind: 'foreign'; readonly name: string | undefined; readonly silent?: true }
  | { readonly kind: 'nobody' };

const patienceMs = 2_000;

/**
 * Asks whoever listens on the port to show that it is an OpenCodex of this user. Sends no secret.
 * With an agent the connection is the agent's, and stays open.
 */
export function occupantOf(port: number, token: string, agent?: Agent): Promise<Occupant> {
  const nonce = randomBytes(32).toString('hex');
  const { promise, resolve } = Promise.withResolvers<Occupant>();
  const ask = request(
    {
      host: '127.0.0.1',
      port,
      path: `${identityPath}?nonce=${nonce}`,
      agent: agent ?? false,
      signal: AbortSignal.timeout(patienceMs),
    },
    (answer) => {
      const text = new CappedText();
      answer.on('data', (chunk: Buffer) => text.push(chunk));
      answer.on('error', () => resolve({ kind: 'foreign', name: nameOf(answer, '') }));
      answer.on('end', () => resolve(judge(answer, text.text(), { nonce, port, token })));
    },
  );
  ask.on('error', (thrown) => {
    const refused = 'code' in thrown && thrown.code === 'ECONNREFUSED';
    resolve(refused ? { kind: 'nobody' } : { kind: 'foreign', name: undefined, silent: true });
  });
  ask.end();
  return promise;
}

function judge(
  answer: IncomingMessage,
  text: string,
  asked: { readonly nonce: string; readonly port: number; readonly token: string },
): Occupant {
  const value = parseJson(text);
  if (isJsonObject(value)) {
    const { proof, pid, version, link } = value;
    if (
      typeof proof === 'string' &&
      typeof pid === 'number' &&
      sameToken(proofOf(asked.token, asked.nonce, asked.port, pid), proof)
    ) {
      return {
        kind: 'ours',
        pid,
        version: typeof version === 'string' ? version : '',
        link: typeof link === 'number' ? link : 0,
      };
    }
  }
  return { kind: 'foreign', name: nameOf(answer, text) };
}

function nameOf(answer: IncomingMessage, text: string): string | undefined {
  const { server, 'x-powered-by': powered } = answer.headers;
  if (/opencodex/i.test(`${text} ${server ?? ''}`)) return 'another OpenCodex (ocx)';
  const named = [server, powered].find((name) => typeof name === 'string');
  return named?.replace(/[^\x20-\x7e]/g, '').slice(0, 60);
}
