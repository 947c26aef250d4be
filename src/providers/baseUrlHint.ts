/** What people paste along: the address of one operation, or of the documentation's example. */
const operation = /\/(?:chat\/completions|completions|responses|messages|models|embeddings)$/;

const attempts = 5;

/**
 * Looks near a base URL where nothing was found for the one that was probably meant; `answers` tells
 * whether there is an API at an address.
 */
export async function betterBaseUrl(
  baseUrl: string,
  answers: (candidate: string) => Promise<boolean>,
): Promise<string | undefined> {
  for (const candidate of candidates(baseUrl).slice(0, attempts)) {
    if (await answers(candidate)) return candidate;
  }
  return undefined;
}

function candidates(baseUrl: string): readonly string[] {
  const url = new URL(baseUrl);
  const typed = url.pathname.replace(/\/+$/, '');
  const path = typed.replace(operation, '');
  const paths = [path, `${path}/v1`, path.replace(/\/v1$/, ''), '/v1', '/api/v1'];
  const near = paths.map((candidate) => url.origin + candidate);
  const [first = '', ...others] = near;
  const scheme = otherScheme(url);
  const all =
    scheme === undefined ? near : [first, scheme + typed, `${scheme}${typed}/v1`, ...others];
  return [...new Set(all)].filter((candidate) => candidate !== url.origin + typed);
}

/** Only a server of the user's own network is looked for without TLS. */
function otherScheme({ protocol, host, hostname }: URL): string | undefined {
  if (protocol === 'http:') return `https://${host}`;
  return isNear(hostname) ? `http://${host}` : undefined;
}

/** This machine or a private network: names without a dot, loopback and private addresses. */
export function isNear(hostname: string): boolean {
  return (
    !/[.:]/.test(hostname) ||
    /^(?:127|10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\./.test(hostname) ||
    /^\[(?:::1|f[cd][0-9a-f]{2}:.*)\]$/.test(hostname) ||
    /\.(?:local|lan|internal|home\.arpa)$/.test(hostname)
  );
}
