/**
 * Whether a list of model names covers a model. A name without a `:size` tag covers every size:
 * `gpt-oss` covers `gpt-oss:120b`; `gpt-oss:20b` covers only itself.
 */
export function coversModel(names: readonly string[], model: string): boolean {
  const wanted = model.toLowerCase();
  const colon = wanted.lastIndexOf(':');
  const untagged = colon === -1 ? wanted : wanted.slice(0, colon);
  return names.some((name) => {
    const listed = name.toLowerCase();
    return listed === wanted || listed === untagged;
  });
}
