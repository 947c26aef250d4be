import type { ApiAnswer } from '../../link/api.ts';
import { t } from '../l10n.ts';
import { Action } from '../parts/Action.tsx';
import { CatalogCard } from '../parts/CatalogCard.tsx';
import { Choice } from '../parts/Choice.tsx';
import { Notice } from '../parts/Notice.tsx';
import { ProviderCard } from '../parts/ProviderCard.tsx';
import { matches, Search } from '../parts/Search.tsx';
import { useAnswer } from '../useAnswer.ts';
import { isText, useMemory } from '../useMemory.ts';

type Offer = ApiAnswer<'GET /api/key-providers'>['providers'][number];

const filters = ['all', 'connected', 'available', 'local'] as const;
type Filter = (typeof filters)[number];

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
  const offers = (catalog.value?.providers ?? []).filter(({ id, label, aliases, note }) =>
    matches(text, id, label, note, ...aliases),
  );
  const available = offers.filter(({ configuredAs }) => configuredAs.length === 0);
  const local = available.filter(isLocal);
  const shown = filter === 'connected' ? [] : filter === 'local' ? local : available;
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
            { id: 'local', title: t('Local'), count: local.length },
          ]}
          selected={filter}
          onSelect={setFilter}
        />
        <span class="spring" />
        <Action command="addProvider" title={t('Add Provider')} />
        <Action command="openConfig" kind="link" title={t('Open Config File')} />
      </div>
      {problem !== undefined && <Notice kind="warning">{problem}</Notice>}
      {(filter === 'all' || filter === 'connected') && connected.length > 0 && (
        <section aria-labelledby="own">
          <h2 id="own">{t('Your providers')}</h2>
          <ul class="stack">
            {connected.map((provider) => (
              <ProviderCard key={provider.id} provider={provider} />
            ))}
          </ul>
        </section>
      )}
      {filter !== 'connected' &&
        kinds.map((kind) => <Group key={kind} kind={kind} offers={shown} />)}
      {connected.length + shown.length === 0 && own.value !== undefined && (
        <p class="quiet">{t('Nothing matches. “Custom” takes any OpenAI-compatible address.')}</p>
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

function isLocal({ kind }: Offer): boolean {
  return kind === 'local';
}

function isFilter(text: string): text is Filter {
  return filters.some((filter) => filter === text);
}
