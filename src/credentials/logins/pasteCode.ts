/** What a user has brought back from a login page. */
export interface Pasted {
  /** `code`, and whatever else came with it. */
  readonly parameters: URLSearchParams;
  /** The address that the browser was sent to, without its query; where a whole one was pasted. */
  readonly address: string | undefined;
  /** Nothing but a code: it cannot show that it belongs to this login. */
  readonly bare: boolean;
}

/** `message` says what to do instead. */
export type PasteAnswer = { readonly ok: true } | { readonly ok: false; readonly message: string };

const longest = 4096;

/**
 * Understands the address of the page that did not load, `code#state`, `code=…&state=…` and a code
 * by itself.
 */
export function parsePasted(given: string): Pasted | undefined {
  const text = given.trim();
  if (text === '' || text.length > longest) return undefined;
  const url = /^https?:\/\//i.test(text) ? URL.parse(text) : null;
  if (url !== null) {
    return useful(url.searchParams, `${url.origin}${url.pathname}`);
  }
  if (/^[?&]?(?:code|state|error)=/.test(text)) {
    return useful(new URLSearchParams(text), undefined);
  }
  const [, code, state] = /^([\w.~+/=-]+)(?:#([\w.~+/=-]+))?$/.exec(text) ?? [];
  if (code === undefined) return undefined;
  return {
    parameters: new URLSearchParams({ code, ...(state !== undefined && { state }) }),
    address: undefined,
    bare: state === undefined,
  };
}

function useful(parameters: URLSearchParams, address: string | undefined): Pasted | undefined {
  if (!parameters.has('code') && !parameters.has('error')) return undefined;
  return { parameters, address, bare: false };
}
