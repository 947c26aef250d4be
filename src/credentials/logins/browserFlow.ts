import {
  AuthorizationResponseError,
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
  validateAuthResponse,
} from 'oauth4webapi';
import type { BrowserRules } from './definitions.ts';
import { type FlowContext, type FlowResult, failed, notGranted } from './flow.ts';
import { type Loopback, openLoopback } from './loopback.ts';
import { type PasteAnswer, parsePasted } from './pasteCode.ts';
import { requestTokens } from './tokenRequest.ts';

const patienceMs = 10 * 60_000;

/** What belongs to one attempt and proves that an answer does too. */
interface Attempt {
  readonly state: string;
  readonly verifier: string;
  readonly nonce: string;
}

/** A code on its way back: through this machine's browser, or by the user's hands. */
interface Delivery {
  readonly parameters: URLSearchParams;
  /** The one that the code was given out for. */
  readonly redirectUri: string;
}

/**
 * Logs in through a browser that comes back to this machine (RFC 8252), with a field beside it for
 * what the page shows where it cannot.
 */
export async function runBrowserFlow(context: FlowContext): Promise<FlowResult> {
  const { definition, endpoints } = context;
  const rules = definition.browser;
  if (rules === undefined || endpoints.authorize === undefined) return { kind: 'unavailable' };
  const attempt: Attempt = {
    state: generateRandomState(),
    verifier: generateRandomCodeVerifier(),
    nonce: generateRandomNonce(),
  };
  const loopback =
    context.remote && rules.manualRedirect !== undefined
      ? undefined
      : await openLoopback(rules, attempt.state);
  try {
    return await logIn(context, rules, endpoints.authorize, attempt, loopback);
  } finally {
    await loopback?.close();
  }
}

async function logIn(
  context: FlowContext,
  rules: BrowserRules,
  authorize: string,
  attempt: Attempt,
  loopback: Loopback | undefined,
): Promise<FlowResult> {
  const manualRedirect = rules.manualRedirect ?? loopback?.redirectUri;
  if (manualRedirect === undefined) {
    return failed('no port of this machine is free for the browser to come back to. Log in again.');
  }
  const challenge = await calculatePKCECodeChallenge(attempt.verifier);
  const page = (redirectUri: string): string =>
    loginPage(context, rules, authorize, attempt, challenge, redirectUri);

  const { promise: pasted, resolve: paste } = Promise.withResolvers<Delivery>();
  context.onPaste((text) => {
    const taken = delivered(text, attempt, manualRedirect, loopback?.redirectUri);
    if (!('redirectUri' in taken)) return taken;
    paste(taken);
    return { ok: true };
  });
  context.show({
    kind: 'browser',
    url: loopback && page(loopback.redirectUri),
    manualUrl: page(manualRedirect),
  });
  const delivery = await firstOf(context, pasted, loopback);
  if ('kind' in delivery) return delivery;
  context.finishing();
  return await exchange(context, attempt, delivery);
}

function loginPage(
  { definition }: FlowContext,
  rules: BrowserRules,
  authorize: string,
  { state, nonce }: Attempt,
  challenge: string,
  redirectUri: string,
): string {
  const url = new URL(authorize);
  const parameters = {
    response_type: 'code',
    client_id: definition.clientId,
    redirect_uri: redirectUri,
    scope: definition.scopes.join(' '),
    state,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...(rules.nonce && { nonce }),
    ...rules.parameters,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** What was pasted, if it belongs to this login; what is wrong with it, if not. */
function delivered(
  text: string,
  { state }: Attempt,
  manualRedirect: string,
  loopbackRedirect: string | undefined,
): Delivery | Extract<PasteAnswer, { ok: false }> {
  const pasted = parsePasted(text);
  if (pasted === undefined) {
    return refusal(
      'That is neither a code nor the address of a page with one. Copy the whole code that the login page shows, or the address of the page that did not load.',
    );
  }
  const { parameters, address, bare } = pasted;
  const redirectUri = [manualRedirect, loopbackRedirect].find(
    (known) => address === undefined || known === address,
  );
  const states = parameters.getAll('state');
  if (redirectUri === undefined || (!bare && (states.length !== 1 || states[0] !== state))) {
    return refusal(
      'That belongs to another login. Take what the page of this login shows, or start again.',
    );
  }
  parameters.set('state', state);
  return { parameters, redirectUri };
}

function refusal(message: string): Extract<PasteAnswer, { ok: false }> {
  return { ok: false, message };
}

async function firstOf(
  { clock, signal }: FlowContext,
  pasted: Promise<Delivery>,
  loopback: Loopback | undefined,
): Promise<Delivery | FlowResult> {
  const over = new AbortController();
  const tooLate = clock
    .sleep(patienceMs, AbortSignal.any([signal, over.signal]))
    .then((): FlowResult => {
      return signal.aborted
        ? { kind: 'cancelled' }
        : failed('nobody logged in for ten minutes. Log in again.');
    });
  const came = loopback?.callback.then((parameters): Delivery | FlowResult =>
    parameters === undefined
      ? failed(
          'some page kept calling the address of this login with wrong answers, so it was stopped. Close other pages and log in again.',
        )
      : { parameters, redirectUri: loopback.redirectUri },
  );
  try {
    return await Promise.race([tooLate, pasted, ...(came === undefined ? [] : [came])]);
  } finally {
    over.abort();
  }
}

async function exchange(
  { definition, endpoints, call, headers, signal }: FlowContext,
  attempt: Attempt,
  { parameters, redirectUri }: Delivery,
): Promise<FlowResult> {
  const server = {
    issuer: definition.issuer ?? new URL(endpoints.authorize ?? endpoints.token).origin,
    authorization_response_iss_parameter_supported: endpoints.namesIssuer ?? false,
  };
  try {
    validateAuthResponse(server, { client_id: definition.clientId }, parameters, attempt.state);
  } catch (thrown) {
    return thrown instanceof AuthorizationResponseError
      ? failed(
          thrown.error === 'access_denied'
            ? 'the login was declined. Log in again if that was a mistake.'
            : 'its login page reported an error. Log in again, or use an API key.',
        )
      : failed('the answer to the login did not come from its login service. Log in again.');
  }
  const code = parameters.get('code');
  if (code === null || code === '') {
    return failed('its login page came back without a code. Log in again.');
  }
  const outcome = await requestTokens(definition, {
    endpoint: endpoints.token,
    parameters: {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: attempt.verifier,
      ...(definition.browser?.sendsState && { state: attempt.state }),
    },
    call,
    headers,
    signal,
  });
  if (outcome.kind !== 'granted') return notGranted(outcome);
  if (definition.browser?.nonce && ![undefined, attempt.nonce].includes(outcome.nonce)) {
    return failed('the answer belongs to another login. Log in again.');
  }
  return { kind: 'granted', credential: outcome.credential };
}
