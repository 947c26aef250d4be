import { randomUUID } from 'node:crypto';
import { isJsonArray, isJsonObject } from '../../turn/json.ts';
import type { Json, JsonObject } from '../../turn/turn.ts';
import {
  type AccountCredential,
  credentialSchema,
  generationOf,
  identityOf,
  slotOf,
} from './credential.ts';

/**
 * auth.json maps each provider to one credential (the form of June 2026), or to a set of accounts
 * (`ocx` 2.63). Whoever reads the first may not know the second, so an entry keeps its form; what is
 * not understood stays as it is.
 */
export interface Account {
  readonly provider: string;
  readonly slot: string;
  readonly credential: AccountCredential;
  readonly generation: string;
  /** Requests use this one of the provider's accounts. */
  readonly active: boolean;
  readonly needsLogin: boolean;
}

/** The accounts of a provider, as far as they are understood. */
export function accountsOf(file: JsonObject, provider: string): readonly Account[] {
  const entry = entryOf(file, provider);
  if (!isSet(entry)) {
    const credential = credentialOf(entry);
    return credential === undefined
      ? []
      : [accountOf(provider, slotOf(credential), credential, { active: true, needsLogin: false })];
  }
  const slots = entry.accounts.flatMap((value) => {
    const credential = isJsonObject(value) ? credentialOf(value['credential']) : undefined;
    return credential === undefined || !isJsonObject(value) || typeof value['id'] !== 'string'
      ? []
      : [{ id: value['id'], credential, needsLogin: value['needsReauth'] === true }];
  });
  const named = slots.find(({ id }) => id === entry['activeAccountId']) ?? slots[0];
  return slots.map(({ id, credential, needsLogin }) =>
    accountOf(provider, id, credential, { active: id === named?.id, needsLogin }),
  );
}

/** The account that requests use. */
export function activeAccount(file: JsonObject, provider: string): Account | undefined {
  return accountsOf(file, provider).find(({ active }) => active);
}

/**
 * The account that was known as `earlier`, if it is still there. A single credential without a name
 * has no other mark than its place.
 */
export function sameAccount(file: JsonObject, earlier: Account): Account | undefined {
  const known = accountsOf(file, earlier.provider).find(({ slot }) => slot === earlier.slot);
  if (known !== undefined || identityOf(earlier.credential) !== undefined) return known;
  return isSet(entryOf(file, earlier.provider)) ? undefined : activeAccount(file, earlier.provider);
}

/** What a login of this account would put an end to, which needs the user's consent. */
export function replacedByLogin(
  file: JsonObject,
  provider: string,
  credential: AccountCredential,
): 'nothing' | 'account' | 'unknown data' {
  const entry = entryOf(file, provider);
  if (entry === undefined || isSet(entry)) return 'nothing';
  const known = activeAccount(file, provider);
  if (known === undefined) return 'unknown data';
  const [before, after] = [identityOf(known.credential), identityOf(credential)];
  return before === undefined || after === undefined || before === after ? 'nothing' : 'account';
}

/** The file after a login: the account is there and active. */
export function withLogin(
  file: JsonObject,
  provider: string,
  credential: AccountCredential,
  now: number,
): JsonObject {
  const entry = entryOf(file, provider);
  const setsElsewhere = Object.values(file).some(isSet);
  if (!isSet(entry) && (entry !== undefined || !setsElsewhere)) {
    return { ...file, [provider]: loggedIn(entry, credential) };
  }
  const set: JsonObject = isSet(entry) ? entry : { accounts: [] };
  const slots = isSet(entry) ? entry.accounts : [];
  const known = accountsOf(file, provider);
  const identity = identityOf(credential);
  const active = known.find((account) => account.active);
  const same =
    known.find(
      (account) => identityOf(account.credential) === identity && identity !== undefined,
    ) ??
    // Without a name on one of both sides, it is taken for the same person.
    (identity === undefined || (active && identityOf(active.credential) === undefined)
      ? active
      : undefined);
  const id = same?.slot ?? freeSlot(slotOf(credential), slots);
  const accounts =
    same === undefined
      ? [...slots, { id, credential: loggedIn(undefined, credential), addedAt: now }]
      : slots.map((slot) =>
          isJsonObject(slot) && slot['id'] === id
            ? without(
                { ...slot, credential: loggedIn(slot['credential'], credential) },
                'needsReauth',
              )
            : slot,
        );
  return { ...file, [provider]: { ...set, ...selected(set, id), accounts } };
}

/** The file after a refresh; what the answer did not say of the account stays. */
export function withTokens(
  file: JsonObject,
  account: Pick<Account, 'provider' | 'slot'>,
  credential: AccountCredential,
): JsonObject {
  return withSlot(
    file,
    account,
    (record) => ({ ...record, ...fieldsOf(credential) }),
    (slot) => without(slot, 'needsReauth'),
  );
}

/** The file with the mark that only a new login helps; the single form has no place for it. */
export function withNeedsLogin(
  file: JsonObject,
  account: Pick<Account, 'provider' | 'slot'>,
): JsonObject {
  if (!isSet(entryOf(file, account.provider))) return file;
  return withSlot(
    file,
    account,
    (record) => record,
    (slot) => ({ ...slot, needsReauth: true }),
  );
}

/** The file without an account; of the others of its set the next is active. */
export function withoutAccount(
  file: JsonObject,
  { provider, slot, active }: Pick<Account, 'provider' | 'slot' | 'active'>,
): JsonObject {
  const entry = entryOf(file, provider);
  if (!isSet(entry)) return without(file, provider);
  const accounts = entry.accounts.filter((value) => !isJsonObject(value) || value['id'] !== slot);
  if (accounts.length === 0) return without(file, provider);
  const rest = { ...file, [provider]: { ...entry, accounts } };
  const next = active ? accountsOf(rest, provider)[0] : undefined;
  return next === undefined
    ? rest
    : { ...file, [provider]: { ...entry, ...selected(entry, next.slot), accounts } };
}

type AccountSet = JsonObject & { readonly accounts: readonly Json[] };

function isSet(entry: Json | undefined): entry is AccountSet {
  return isJsonObject(entry) && isJsonArray(entry['accounts']);
}

function entryOf(file: JsonObject, provider: string): Json | undefined {
  return Object.hasOwn(file, provider) ? file[provider] : undefined;
}

function credentialOf(value: Json | undefined): AccountCredential | undefined {
  const read = credentialSchema.safeParse(value);
  return read.success ? read.data : undefined;
}

function accountOf(
  provider: string,
  slot: string,
  credential: AccountCredential,
  state: { readonly active: boolean; readonly needsLogin: boolean },
): Account {
  return { provider, slot, credential, generation: generationOf(credential), ...state };
}

function withSlot(
  file: JsonObject,
  { provider, slot }: Pick<Account, 'provider' | 'slot'>,
  changeRecord: (record: JsonObject) => JsonObject,
  changeSlot: (slot: JsonObject) => JsonObject,
): JsonObject {
  const entry = entryOf(file, provider);
  if (!isSet(entry)) {
    return isJsonObject(entry) ? { ...file, [provider]: changeRecord(entry) } : file;
  }
  const accounts = entry.accounts.map((value) => {
    if (!isJsonObject(value) || value['id'] !== slot) return value;
    const record = value['credential'];
    return changeSlot(
      isJsonObject(record) ? { ...value, credential: changeRecord(record) } : value,
    );
  });
  return { ...file, [provider]: { ...entry, accounts } };
}

/** The record of a fresh login: whose it is and where it came from is new, the rest stays. */
function loggedIn(record: Json | undefined, credential: AccountCredential): JsonObject {
  return {
    ...(isJsonObject(record) ? without(record, 'source', 'email', 'accountId') : undefined),
    ...fieldsOf(credential),
  };
}

function fieldsOf({ access, refresh, expires, email, accountId }: AccountCredential): JsonObject {
  return {
    access,
    refresh,
    expires,
    ...(email === undefined ? undefined : { email }),
    ...(accountId === undefined ? undefined : { accountId }),
  };
}

/** `ocx` tells by the revision that somebody has chosen another account. */
function selected(set: JsonObject, id: string): JsonObject {
  return set['activeAccountId'] === id
    ? { activeAccountId: id }
    : { activeAccountId: id, selectionRevision: randomUUID() };
}

function freeSlot(wanted: string, slots: readonly Json[]): string {
  const taken = new Set(slots.map((slot) => (isJsonObject(slot) ? slot['id'] : undefined)));
  let id = wanted;
  for (let suffix = 1; taken.has(id); suffix++) id = `${wanted}-${suffix}`;
  return id;
}

function without(object: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !names.includes(key)));
}
