export type Environment = Readonly<Record<string, string | undefined>>;

export type Resolved =
  | { readonly ok: true; readonly value: string }
  /** The environment variable that is not set. */
  | { readonly ok: false; readonly variable: string };

const whole = /^\$([A-Za-z_]\w*)$/;
const braced = /\$\{([A-Za-z_]\w*)\}/g;

/**
 * Puts environment variables into a configured value: `$NAME` as the whole value, `${NAME}`
 * anywhere in it. Everything else is literal, a lone dollar sign too.
 */
export function resolveReferences(value: string, env: Environment): Resolved {
  let missing: string | undefined;
  const read = (name: string): string => {
    const found = Object.hasOwn(env, name) ? env[name] : undefined;
    if (found === undefined || found === '') missing ??= name;
    return found ?? '';
  };
  const plain = whole.exec(value)?.[1];
  const text =
    plain === undefined
      ? value.replace(braced, (_reference, name: string) => read(name))
      : read(plain);
  return missing === undefined ? { ok: true, value: text } : { ok: false, variable: missing };
}
