/**
 * Gives every tool of Codex, which may live in a namespace, one flat name that every provider takes:
 * `[A-Za-z_][A-Za-z0-9_-]{0,63}`. The same tools in the same order always get the same names, and two tools
 * never share one.
 */
export class ToolNames {
  /** By namespace, `''` for none, and name. */
  readonly #flat = new Map<string, Map<string, string>>();
  readonly #taken = new Set<string>();

  /** The flat name of a tool; a tool that was never seen gets one. */
  of(namespace: string | undefined, name: string): string {
    const home = homeOf(namespace);
    const names = this.#flat.get(home) ?? new Map<string, string>();
    const known = names.get(name);
    if (known !== undefined) return known;
    const flat = this.#free(toolIdentity(namespace, name), readable(namespace, name));
    this.#flat.set(home, names.set(name, flat));
    this.#taken.add(flat);
    return flat;
  }

  #free(identity: string, wanted: string): string {
    if (plain.test(wanted) && !this.#taken.has(wanted)) return wanted;
    const safe = wanted.replace(/[^A-Za-z0-9_-]/g, '_').replace(/^(?![A-Za-z_])/, '_');
    for (let salt = 0; ; salt += 1) {
      const hash = shortHash(salt === 0 ? identity : `${identity}\0${salt}`);
      const flat = `${safe.slice(0, maxLength - hash.length - 1)}_${hash}`;
      if (!this.#taken.has(flat)) return flat;
    }
  }
}

/**
 * In lite mode Codex wraps its plain tools in a namespace `functions` and takes calls with or
 * without it, so both spellings mean the same tool.
 */
const wrapper = 'functions';
const maxLength = 64;
const plain = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

/** What makes two declarations, or a declaration and a call, the same tool. */
export function toolIdentity(namespace: string | undefined, name: string): string {
  return `${homeOf(namespace)}\0${name}`;
}

function homeOf(namespace: string | undefined): string {
  return namespace === undefined || namespace === wrapper ? '' : namespace;
}

function readable(namespace: string | undefined, name: string): string {
  if (namespace === undefined || namespace === '' || namespace === wrapper) return name;
  return namespace.endsWith('__') ? namespace + name : `${namespace}__${name}`;
}

/** 53 bits of a string (two FNV-like lanes) in base 36: short, and far from any accidental clash. */
function shortHash(text: string): string {
  let high = 0x9747b28c;
  let low = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x85ebca6b) + (low >>> 15);
  }
  low = Math.imul(low ^ (low >>> 16), 0x7feb352d);
  high = Math.imul(high ^ (high >>> 15), 0x846ca68b);
  const value = (high & 0x1fffff) * 0x100000000 + (low >>> 0);
  return value.toString(36).padStart(8, '0').slice(-8);
}
