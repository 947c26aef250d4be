/** A version of Codex. */
export interface CodexVersion {
  readonly text: string;
  readonly major: number;
  readonly minor: number;
}

/** The version that a text like `codex-cli 0.169.0` names. */
export function versionIn(text: string): CodexVersion | undefined {
  const [version, major, minor] = /(\d+)\.(\d+)\.\d+(?:-[\w.]+)?/.exec(text) ?? [];
  return version === undefined
    ? undefined
    : { text: version, major: Number(major), minor: Number(minor) };
}

/**
 * Whether this Codex takes its models from a provider's `model_catalog_url`. Tried with a release of
 * each version: 0.161 is the first. The ones before ignore the key or list nothing, and need a file.
 */
export function readsCatalogUrl(version: CodexVersion): boolean {
  return version.major > 0 || version.minor >= 161;
}

/** The newer of two versions; one that is not known is older than all. */
export function newerVersion(
  a: CodexVersion | undefined,
  b: CodexVersion | undefined,
): CodexVersion | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return b.major > a.major || (b.major === a.major && b.minor > a.minor) ? b : a;
}
