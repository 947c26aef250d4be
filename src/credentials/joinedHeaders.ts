/** Headers in which both sides may have something to say. */
const lists = ['anthropic-beta'];

/** The headers of a request with those of its credential; lists are joined, else the latter win. */
export function joinedHeaders(
  request: Readonly<Record<string, string>>,
  credential: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const joined: Record<string, string> = { ...request, ...credential };
  for (const name of lists) {
    const [before, after] = [request[name], credential?.[name]];
    if (before === undefined || after === undefined) continue;
    const values = `${before},${after}`.split(',').map((value) => value.trim());
    joined[name] = [...new Set(values.filter((value) => value !== ''))].join(',');
  }
  return joined;
}
