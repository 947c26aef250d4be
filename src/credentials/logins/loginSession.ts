import { setTimeout as wait } from 'node:timers/promises';
import type { WebCall } from '../../providers/webCall.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { AccountCredential, AccountProvider } from '../accounts/credential.ts';
import type { Consent } from '../accounts/storedLogin.ts';
import { runBrowserFlow } from './browserFlow.ts';
import type { LoginDefinition } from './definitions.ts';
import { runDeviceFlow } from './deviceFlow.ts';
import { discoverEndpoints } from './discovery.ts';
import { type Clock, type FlowContext, type FlowResult, failed, type LoginStep } from './flow.ts';
import type { PasteAnswer } from './pasteCode.ts';

/** How far a login is. Whoever shows it needs nothing else. */
export type LoginState =
  | { readonly kind: 'starting' }
  | LoginStep
  /** The user is done. */
  | { readonly kind: 'finishing' }
  /** Logged in, but not stored: `save` tries again. `consent` is what the user has to agree to first. */
  | { readonly kind: 'unsaved'; readonly message: string; readonly consent: Consent | undefined }
  | {
      readonly kind: 'done';
      /** Who is logged in, as far as the provider says. */
      readonly account: string | undefined;
      /** What the user should know besides. */
      readonly note: string | undefined;
    }
  | { readonly kind: 'cancelled' }
  /** `message` is a sentence for the user. */
  | { readonly kind: 'failed'; readonly message: string };

export type LoginEnd = Extract<LoginState, { kind: 'done' | 'cancelled' | 'failed' }>;

export interface LoginParts {
  readonly definition: LoginDefinition;
  readonly call: WebCall;
  /** The headers in which we say who we are. */
  readonly identify: () => Promise<Readonly<Record<string, string>>>;
  readonly accounts: Pick<Accounts, 'probe' | 'save'>;
  /** Called after the login was stored; gives what the user should know of it. */
  readonly saved: () => Promise<string | undefined>;
  readonly clock?: Clock;
}

export interface LoginOptions {
  /** The browser is on another machine: SSH, a container, a web page. */
  readonly remote: boolean;
  /** Not through a device code, even where there is one. */
  readonly browser?: boolean;
  /** What the user agreed to lose, in advance. */
  readonly consent?: Consent;
}

const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => wait(ms, undefined, { signal }).catch(() => undefined),
};

/** One login from its start to its end. It ends by itself, or when it is cancelled. */
export class LoginSession {
  readonly provider: AccountProvider;
  readonly #parts: LoginParts;
  readonly #options: LoginOptions;
  readonly #over = new AbortController();
  readonly #listeners = new Set<(state: LoginState) => void>();
  readonly #ended = Promise.withResolvers<LoginEnd>();
  #state: LoginState = { kind: 'starting' };
  #paste: ((text: string) => PasteAnswer) | undefined;
  /** Granted, but not in the store yet. */
  #granted: AccountCredential | undefined;
  #saving = false;

  constructor(parts: LoginParts, options: LoginOptions) {
    this.provider = parts.definition.provider;
    this.#parts = parts;
    this.#options = options;
    void this.#run();
  }

  get state(): LoginState {
    return this.#state;
  }

  /** How it ended; never fails. */
  get done(): Promise<LoginEnd> {
    return this.#ended.promise;
  }

  /** Calls `listener` with each new state; gives what ends that. */
  onChange(listener: (state: LoginState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Takes what the user copied from the login page. A wrong text changes nothing. */
  paste(text: string): PasteAnswer {
    return this.#paste !== undefined && this.#state.kind === 'browser'
      ? this.#paste(text)
      : { ok: false, message: 'This login does not wait for a code.' };
  }

  /** Another program has logged in to this provider meanwhile: then the user need not go on here. */
  overtake(account: string | undefined): void {
    if (this.#state.kind === 'finishing' || this.#state.kind === 'unsaved') return;
    this.#show({
      kind: 'done',
      account,
      note: 'Another window, or the ocx command, was faster; its login is used.',
    });
    this.#over.abort();
  }

  /** Ends the login; what was not stored is forgotten. It comes too late while it is being stored. */
  cancel(): void {
    if (this.#saving) return;
    this.#over.abort();
    this.#granted = undefined;
    this.#show({ kind: 'cancelled' });
  }

  /** In state `unsaved`: tries again to store the login, with what the user has agreed to. */
  async save(consent: Consent = {}): Promise<void> {
    const credential = this.#granted;
    if (credential === undefined || this.#saving) return;
    this.#saving = true;
    const saved = await this.#parts.accounts
      .save(this.provider, credential, consent)
      .finally(() => {
        this.#saving = false;
      });
    if (!saved.ok) {
      this.#show({
        kind: 'unsaved',
        message: saved.message,
        consent: saved.kind === 'ask' ? saved.consent : undefined,
      });
      return;
    }
    this.#granted = undefined;
    const note = await this.#parts.saved();
    this.#show({ kind: 'done', account: credential.email ?? credential.accountId, note });
  }

  async #run(): Promise<void> {
    const { definition } = this.#parts;
    const fail = (reason: string): void =>
      this.#show({ kind: 'failed', message: `${definition.label}: ${reason}` });
    try {
      const result = await this.#logIn();
      switch (result.kind) {
        case 'granted':
          if (this.#over.signal.aborted) return;
          this.#granted = result.credential;
          this.#show({ kind: 'finishing' });
          await this.save(this.#options.consent);
          return;
        case 'cancelled':
          this.#show({ kind: 'cancelled' });
          return;
        case 'unavailable':
          fail('its login service offers no way to log in that OpenCodex knows. Use an API key.');
          return;
        case 'failed':
          fail(result.message);
      }
    } catch {
      // What was thrown may quote a request.
      fail('the login failed for a reason that OpenCodex did not expect. Log in again.');
    }
  }

  async #logIn(): Promise<FlowResult> {
    const { definition, accounts, call, identify, clock = systemClock } = this.#parts;
    const { signal } = this.#over;
    const problem = await accounts.probe();
    // A damaged file can be replaced, once the user has agreed to it.
    if (problem !== undefined && problem.kind !== 'damaged') return failed(problem.message);
    const headers = await identify();
    const discovered = await discoverEndpoints(definition, call, headers, signal);
    if (!discovered.ok) {
      return discovered.aborted ? { kind: 'cancelled' } : failed(discovered.message);
    }
    const context: FlowContext = {
      definition,
      endpoints: discovered.endpoints,
      call,
      headers,
      signal,
      clock,
      remote: this.#options.remote,
      show: (step) => this.#show(step),
      onPaste: (take) => {
        this.#paste = take;
      },
      finishing: () => this.#show({ kind: 'finishing' }),
    };
    const flows = definition.flows.map((flow) => ways[flow]);
    const browserFirst = this.#options.browser === true && definition.browser !== undefined;
    for (const flow of browserFirst ? [runBrowserFlow] : flows) {
      const result = await flow(context);
      if (result.kind !== 'unavailable') return result;
    }
    return { kind: 'unavailable' };
  }

  #show(state: LoginState): void {
    if (isEnd(this.#state)) return;
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
    if (isEnd(state)) {
      this.#listeners.clear();
      this.#ended.resolve(state);
    }
  }
}

const ways = { device: runDeviceFlow, browser: runBrowserFlow } as const;

function isEnd(state: LoginState): state is LoginEnd {
  return state.kind === 'done' || state.kind === 'cancelled' || state.kind === 'failed';
}
