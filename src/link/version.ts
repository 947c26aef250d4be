/**
 * Counts the changes of the management API and of what proxies say to each other that an older one
 * would not understand.
 */
export const linkVersion = 1;

export interface Build {
  /** The product's version, `major.minor.patch`. */
  readonly version: string;
  readonly link: number;
}

/** Whether `ours` should serve in place of `theirs`. Never true both ways. */
export function isNewer(ours: Build, theirs: Build): boolean {
  if (ours.link !== theirs.link) return ours.link > theirs.link;
  const [mine, other] = [numbersOf(ours.version), numbersOf(theirs.version)];
  for (let i = 0; i < 3; i++) {
    const difference = (mine[i] ?? 0) - (other[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

function numbersOf(version: string): readonly number[] {
  const [release = ''] = version.split(/[-+]/, 1);
  return release.split('.').map((part) => Number.parseInt(part, 10) || 0);
}
