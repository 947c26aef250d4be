import { coversModel } from '../config/modelMatch.ts';

/**
 * The names under which a model may be listed, the most exact first: as it is, without its `:size`
 * tag, and both without the vendor in front (`z-ai/glm-5.3`). In lower case.
 */
export function spellings(model: string): readonly string[] {
  const full = model.toLowerCase();
  const bare = full.slice(full.lastIndexOf('/') + 1);
  return [...new Set([full, untagged(full), bare, untagged(bare)])];
}

function untagged(name: string): string {
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name;
}

/** Whether a list of model names covers a model. */
export function listed(names: readonly string[], model: string): boolean {
  return names.length > 0 && spellings(model).some((spelling) => coversModel(names, spelling));
}

/** The entry for a model, by the most exact of its spellings. */
export function findModel<M extends { readonly id: string }>(
  models: readonly M[],
  model: string,
): M | undefined {
  for (const spelling of spellings(model)) {
    const found = models.find(({ id }) => id.toLowerCase() === spelling);
    if (found !== undefined) return found;
  }
  return undefined;
}
