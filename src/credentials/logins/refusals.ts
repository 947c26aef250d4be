import type { AccountProvider } from '../accounts/credential.ts';

/** How an API answers when it is the login, not the request, that it does not take. */
interface Refusal {
  readonly status: number;
  /** What the body holds; without it the status alone says so. */
  readonly body?: RegExp;
}

interface Refusals {
  /** The access token has run out or was withdrawn: a refresh may help. */
  readonly token: readonly Refusal[];
  /** The provider does not want this login in this program: nothing but a key helps. */
  readonly program?: Refusal & { readonly message: string };
}

const refusals: Readonly<Record<AccountProvider, Refusals>> = {
  xai: {
    token: [{ status: 401 }, { status: 403, body: /bad-credentials/ }],
  },
  kimi: {
    token: [{ status: 401 }],
    program: {
      status: 403,
      body: /access_terminated_error/,
      message:
        'Kimi: the account login is only accepted from programs that Kimi has listed, and OpenCodex does not pretend to be one of them. Use an API key: it is what Kimi asks other programs to do.',
    },
  },
  anthropic: {
    token: [{ status: 401 }],
    program: {
      status: 400,
      body: /only authorized for/i,
      message:
        'Anthropic: the account login is only accepted from Anthropic’s own programs, and OpenCodex does not pretend to be one of them. Use an API key from platform.claude.com.',
    },
  },
};

/** Whether this answer of the API, before any of it was used, means that a fresh token may help. */
export function refusesToken(provider: AccountProvider, status: number, body: string): boolean {
  return refusals[provider].token.some((refusal) => matches(refusal, status, body));
}

/** The sentence for the user where the provider does not take its account login from this program. */
export function refusedProgram(
  provider: AccountProvider,
  status: number,
  body: string,
): string | undefined {
  const { program } = refusals[provider];
  return program !== undefined && matches(program, status, body) ? program.message : undefined;
}

function matches(refusal: Refusal, status: number, body: string): boolean {
  return refusal.status === status && (refusal.body?.test(body) ?? true);
}
