import type { ApiAnswer } from '../../link/api.ts';
import { t } from '../l10n.ts';
import { Action } from '../parts/Action.tsx';
import { CatalogCard } from '../parts/CatalogCard.tsx';
import { Choice } from '../parts/Choice.tsx';
import { EditorModelsCard } from '../parts/EditorModelsCard.tsx';
import { Problem } from '../parts/Problem.tsx';
import { ProviderCard } from '../parts/ProviderCard.tsx';
import { Search } from '../parts/Search.tsx';
import { matches } from '../search.ts';
import { useAnswer } from '../useAnswer.ts';
import { isText, oneOf, useMemory } from '../useMemory.ts';

type Own = ApiAnswer<'GET /api/providers'>['providers'][number];
type Offer = ApiAnswer<'GET /api/key-providers'>['providers'][number];

const filters = ['all', 'connected', 'available', 'local'] as const;
type Filter = (typeof filters)[number];
const isFilter = oneOf(filters);

/** The user's providers, and below them everything that can be added. */
export function Providers() {
  const own = useAnswer('GET /api/providers', {}, ['config', 'accounts', 'models', 'windows']);
  const catalog = useAnswer('GET /api/key-providers', {}, ['config']);
  const [text, setText] = useMemory('providers.search', '', isText);
  const [filter, setFilter] = useMemory<Filter>('providers.filter', 'all', isFilter);

  const problem = own.problem ?? catalog.problem;
  const connected = (own.value?.providers ?? []).filter(({ id, label, baseUrl }) =>
    matches(text, id, label, baseUrl),
  );
  const editorModels = own.value?.editorModels;
  const available = (catalog.value?.providers ?? []).filter(
    ({ id, label, aliases, note, configuredAs }) =>
      configuredAs.length === 0 && matches(text, id, label, note, ...aliases),
  );
  const ownShown = { all: connected, connected, available: [], local: connected.filter(isHere) };
  const offered = { all: available, connected: [], available, local: available.filter(isLocal) };
  const editorShown =
    editorModels !== undefined &&
    (filter === 'all' || filter === 'connected') &&
    matches(text, 'vscode', t('VS Code’s own models'), 'github copilot');
  const found = ownShown[filter].length + offered[filter].length + Number(editorShown);
  return (
    <>
      <div class="toolbar">
        <Search label={t('Search providers')} text={text} onText={setText} />
        <Choice
          label={t('Show')}
          options={[
            { id: 'all', title: t('All') },
            { id: 'connected', title: t('Connected'), count: connected.length },
            { id: 'available', title: t('Available'), count: available.length },
            {
              id: 'local',
              title: t('Local'),
              count: ownShown.local.length + offered.local.length,
            },
          ]}
          selected={filter}
          onSelect={setFilter}
        />
        <span class="actions spring">
          <Action command="openConfig" kind="link" title={t('Open Config File')} />
          <Action command="addProvider" title={t('Add Provider')} />
        </span>
      </div>
      <Problem text={problem} />
      {ownShown[filter].length + Number(editorShown) > 0 && (
        <section aria-labelledby="own">
          <h2 id="own">{t('Your providers')}</h2>
          <ul class="stack">
            {ownShown[filter].map((provider) => (
              <ProviderCard key={provider.id} provider={provider} />
            ))}
            {editorShown && <EditorModelsCard standing={editorModels} />}
          </ul>
        </section>
      )}
      {kinds.map((kind) => (
        <Group key={kind} kind={kind} offers={offered[filter]} />
      ))}
      {found === 0 && own.value !== undefined && catalog.value !== undefined && (
        <p class="quiet empty">
          {t('Nothing matches. “Custom” takes any OpenAI-compatible address.')}
        </p>
      )}
    </>
  );
}

const kinds = ['login', 'key', 'gateway', 'local', 'custom'] as const;

function Group({ kind, offers }: { kind: Offer['kind']; offers: readonly Offer[] }) {
  const members = offers
    .filter((offer) => offer.kind === kind)
    .toSorted((a, b) => Number(a.unusable !== undefined) - Number(b.unusable !== undefined));
  if (members.length === 0) return null;
  return (
    <section aria-labelledby={`kind-${kind}`}>
      <h2 id={`kind-${kind}`}>{kindTitle(kind)}</h2>
      <ul class="grid">
        {members.map((offer) => (
          <CatalogCard key={offer.id} offer={offer} />
        ))}
      </ul>
    </section>
  );
}

function kindTitle(kind: Offer['kind']): string {
  switch (kind) {
    case 'login':
      return t('Account login');
    case 'key':
      return t('API key');
    case 'gateway':
      return t('Gateways');
    case 'local':
      return t('On this machine');
    case 'custom':
      return t('Anything else');
  }
}

/** Whether it is a server on this machine. */
function isHere({ baseUrl }: Own): boolean {
  const host = URL.parse(baseUrl)?.hostname ?? '';
  return ['localhost', '127.0.0.1', '[::1]'].includes(host);
}

function isLocal({ kind }: Offer): boolean {
  return kind === 'local';
}
