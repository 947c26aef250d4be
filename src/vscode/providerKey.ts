import { l10n, type QuickPickItem, window } from 'vscode';
import { loadConfig } from '../config/load.ts';
import { updateConfig } from '../config/save.ts';
import type { Config, ProviderConfig } from '../config/schema.ts';
import { isSearchKeyId, searchKeyId, searchServiceLabels } from '../sidecars/searchKey.ts';
import { isJsonObject } from '../turn/json.ts';
import type { JsonObject } from '../turn/turn.ts';
import type { Parts } from './parts.ts';

type SearchService = NonNullable<Config['webSearchSidecar']['service']>;

interface ProviderItem extends QuickPickItem {
  readonly provider: string;
}

/** Asks for the key of a provider, or of the search service, and keeps it in the editor's secret store, out of every file. */
export async function setProviderKey({ home, vault, model }: Parts, given?: string): Promise<void> {
  const loaded = await loadConfig(home);
  if (!loaded.ok) throw new Error(loaded.error.message);
  const withKey = Object.entries(loaded.config.providers).filter(
    ([, entry]) => entry.authMode === 'key',
  );
  const { service } = loaded.config.webSearchSidecar;
  if (withKey.length === 0 && service === undefined) {
    void window.showInformationMessage(l10n.t('No provider uses an API key. Add one first.'));
    return;
  }
  const stored = new Set(Object.keys(await vault.all()));
  const known = model.state.snapshot?.providers ?? [];
  const items = withKey.map(([id, entry]) => {
    const label = known.find((provider) => provider.id === id)?.label ?? entry.label ?? id;
    return providerItem(id, label, entry, stored.has(id));
  });
  if (service !== undefined) items.push(serviceItem(service, stored));
  const item =
    items.find(({ provider }) => provider === given) ??
    (await window.showQuickPick(items, {
      title: l10n.t('Set Provider Key'),
      placeHolder: l10n.t('Provider'),
      matchOnDescription: true,
    }));
  if (item === undefined) return;
  const { provider } = item;
  const isStored = stored.has(provider);
  const key = await window.showInputBox({
    title: l10n.t('API Key for {0}', item.label),
    prompt: isStored
      ? l10n.t('Replaces the stored key. Leave it empty to forget the stored key.')
      : l10n.t('Kept in the secret store of the editor, never in a file.'),
    password: true,
    ignoreFocusOut: true,
    validateInput: (value) =>
      value.trim() === '' && !isStored ? l10n.t('Paste the key of your account.') : undefined,
  });
  if (key === undefined) return;
  if (key.trim() === '') {
    await vault.forget(provider);
    await updateConfig(home, (raw) => patchProvider(raw, provider, withoutVault));
    window.setStatusBarMessage(
      `$(check) ${l10n.t('The key of {0} is forgotten', item.label)}`,
      5000,
    );
    return;
  }
  if (!(await vault.store(provider, key.trim()))) {
    throw new Error(
      l10n.t(
        'The editor did not keep the key, because the system has no keyring. Set it as an environment variable, and name that variable as apiKey in config.json.',
      ),
    );
  }
  await updateConfig(home, (raw) => patchProvider(raw, provider, inVault));
  window.setStatusBarMessage(`$(check) ${l10n.t('The key of {0} is stored', item.label)}`, 5000);
}

function providerItem(
  id: string,
  label: string,
  entry: ProviderConfig,
  isStored: boolean,
): ProviderItem {
  return {
    provider: id,
    label,
    description: isStored ? l10n.t('key stored') : keyPlace(entry.apiKey),
    detail: entry.baseUrl,
  };
}

function serviceItem(
  { name, apiKey, baseUrl }: SearchService,
  stored: ReadonlySet<string>,
): ProviderItem {
  const provider = searchKeyId(name);
  return {
    provider,
    label: searchServiceLabels[name],
    description: stored.has(provider) ? l10n.t('key stored') : keyPlace(apiKey),
    detail: baseUrl ?? l10n.t('Web search'),
  };
}

/** Names the variable that holds the key; a key itself is never shown. */
function keyPlace(apiKey: string | undefined): string {
  if (apiKey === undefined || apiKey === '') return l10n.t('no key');
  return apiKey.startsWith('$') ? apiKey : l10n.t('key in config.json');
}

function patchProvider(
  raw: JsonObject,
  provider: string,
  change: (entry: JsonObject) => JsonObject,
): JsonObject {
  if (isSearchKeyId(provider)) return patchService(raw, change);
  const providers = raw['providers'];
  const entry = isJsonObject(providers) ? providers[provider] : undefined;
  if (!isJsonObject(providers) || !isJsonObject(entry)) return raw;
  return { ...raw, providers: { ...providers, [provider]: change(entry) } };
}

function patchService(raw: JsonObject, change: (entry: JsonObject) => JsonObject): JsonObject {
  const search = raw['webSearchSidecar'];
  const service = isJsonObject(search) ? search['service'] : undefined;
  if (!isJsonObject(search) || !isJsonObject(service)) return raw;
  return { ...raw, webSearchSidecar: { ...search, service: change(service) } };
}

function inVault({ apiKey: _, ...entry }: JsonObject): JsonObject {
  return { ...entry, keySource: 'vault' };
}

function withoutVault({ keySource: _, ...entry }: JsonObject): JsonObject {
  return entry;
}
