import { createHmac, randomBytes } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { sameToken } from '../credentials/token.ts';
import { isJsonObject, parseJson } from '../turn/json.ts';
import { CappedText } from './cappedText.ts';

/** The one path of the management API that needs no token: it is how a token is not given away. */
export const identityPath = '/api/identity';

const product = 'opencodex';
const nonceShape = /^[0-9a-f]{32,128}$/;

export interface Identity {
  readonly product: string;
  readonly version: string;
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
  return { product, version: who.version, pid, proof: proofOf(who.token, nonce, who.port, pid) };
}

function proofOf(token: string, nonce: string, port: number, pid: number): string {
  return createHmac('sha256', token).update(`opencodex ${nonce} ${port} ${pid}`).digest('hex');
}

/** Who serves a port. */
export type Occupant =
  | { readonly kind: 'ours'; readonly pid: number; readonly version: string }
  /** Another program, by the name it gives itself, if any. */
  | { readonly kind: 'foreign'; readonly name: string | undefined }
  | { readonly kind: 'nobody' };

const patienceMs = 2_000;

/** Asks whoever listens on the port to show that it is an OpenCodex of this user. Sends no secret. */
export function occupantOf(port: number, token: string): Promise<Occupant> {
  const nonce = randomBytes(32).toString('hex');
  const { promise, resolve } = Promise.withResolvers<Occupant>();
  const ask = request(
    {
      host: '127.0.0.1',
      port,
      path: `${identityPath}?nonce=${nonce}`,
      agent: false,
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
    resolve(refused ? { kind: 'nobody' } : { kind: 'foreign', name: undefined });
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
    const { proof, pid, version } = value;
    if (
      typeof proof === 'string' &&
      typeof pid === 'number' &&
      sameToken(proofOf(asked.token, asked.nonce, asked.port, pid), proof)
    ) {
      return { kind: 'ours', pid, version: typeof version === 'string' ? version : '' };
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
