import type { InputHTMLAttributes } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { ApiAnswer, ApiInput, ApiResult } from '../../link/api.ts';
import { searchKeyId, searchServiceLabels } from '../../sidecars/searchKey.ts';
import { useBridge } from '../bridge.ts';
import { t } from '../l10n.ts';
import { useAnswer } from '../useAnswer.ts';
import { useForms } from './forms.ts';
import { ProxyText } from './ProxyText.tsx';

type Settings = ApiAnswer<'GET /api/settings'>;
type Save = (change: ApiInput<'PUT /api/settings'>) => Promise<void>;

/** What stands in for models that cannot search or see; every change is saved at once. */
export function SidecarSettings() {
  const bridge = useBridge();
  const settings = useAnswer('GET /api/settings', {}, ['config']);
  const [saved, setSaved] = useState<ApiResult<'PUT /api/settings'>>();
  if (settings.value === undefined) return null;
  const save: Save = async (change) => {
    setSaved(await bridge.call('PUT /api/settings', change));
    await settings.reload();
  };
  return (
    <section aria-labelledby="sidecars">
      <h2 id="sidecars">{t('For models that cannot search or see')}</h2>
      <div class="wide grid">
        <WebSearch settings={settings.value.webSearch} save={save} />
        <Vision settings={settings.value.vision} save={save} />
      </div>
      <p class="quiet" role="status">
        {saved?.ok && t('Saved.')}
        {saved?.ok === false && <ProxyText>{saved.message}</ProxyText>}
      </p>
    </section>
  );
}

function WebSearch({ settings, save }: { settings: Settings['webSearch']; save: Save }) {
  return (
    <fieldset class="card fields">
      <legend>{t('Web search')}</legend>
      <Switch
        label={t('Use')}
        value={settings.enabled}
        onChange={(enabled) => save({ webSearch: { enabled } })}
      />
      <Field
        label={t('Searching model')}
        value={settings.model}
        onChange={(model) => save({ webSearch: { model } })}
      />
      <Field
        label={t('Its effort')}
        value={settings.reasoning}
        onChange={(reasoning) => save({ webSearch: { reasoning } })}
      />
      <Amount
        label={t('Searches in one turn')}
        value={settings.maxSearchesPerTurn}
        most={100}
        onChange={(maxSearchesPerTurn) => save({ webSearch: { maxSearchesPerTurn } })}
      />
      <Amount
        label={t('Seconds for one')}
        value={settings.timeoutMs / 1000}
        most={600}
        onChange={(seconds) => save({ webSearch: { timeoutMs: seconds * 1000 } })}
      />
      <Service service={settings.service} save={save} />
    </fieldset>
  );
}

/** Who searches where neither the provider nor the ChatGPT login does. */
function Service({ service, save }: { service: Settings['webSearch']['service']; save: Save }) {
  const forms = useForms();
  const id = useId();
  const choose = (chosen: string) => {
    const name = services.find((known) => known === chosen);
    return save({ webSearch: { service: name === undefined ? null : { name } } });
  };
  return (
    <>
      <label for={id}>{t('Search service')}</label>
      <select
        id={id}
        value={service?.name ?? ''}
        onChange={(event) => void choose(event.currentTarget.value)}
      >
        <option value="">{t('none')}</option>
        {services.map((name) => (
          <option key={name} value={name}>
            {searchServiceLabels[name]}
          </option>
        ))}
      </select>
      {service?.name === 'searxng' && (
        <Field
          label={t('Its address')}
          value={service.baseUrl ?? ''}
          onChange={(baseUrl) => save({ webSearch: { service: { name: service.name, baseUrl } } })}
        />
      )}
      {service !== null && (
        <>
          <span>{service.key === 'none' ? t('It has no key') : t('It has a key')}</span>
          <button
            type="button"
            class="secondary"
            onClick={() => forms.setKey(searchKeyId(service.name))}
          >
            {t('Set key')}
          </button>
        </>
      )}
    </>
  );
}

function Vision({ settings, save }: { settings: Settings['vision']; save: Save }) {
  return (
    <fieldset class="card fields">
      <legend>{t('Images in words')}</legend>
      <Switch
        label={t('Use')}
        value={settings.enabled}
        onChange={(enabled) => save({ vision: { enabled } })}
      />
      <Field
        label={t('Describing model')}
        value={settings.model}
        onChange={(model) => save({ vision: { model } })}
      />
      <Amount
        label={t('Seconds for one')}
        value={settings.timeoutMs / 1000}
        most={600}
        onChange={(seconds) => save({ vision: { timeoutMs: seconds * 1000 } })}
      />
    </fieldset>
  );
}

interface InputProps<T> {
  readonly label: string;
  readonly value: T;
  readonly onChange: (value: T) => Promise<void>;
}

const services = ['brave', 'tavily', 'exa', 'searxng'] as const;

const choices = new Map<string, boolean | null>([
  ['auto', null],
  ['on', true],
  ['off', false],
]);

function Switch({ label, value, onChange }: InputProps<boolean | null>) {
  const id = useId();
  const selected = [...choices].find(([, meaning]) => meaning === value)?.[0] ?? 'auto';
  return (
    <>
      <label for={id}>{label}</label>
      <select
        id={id}
        value={selected}
        onChange={(event) => void onChange(choices.get(event.currentTarget.value) ?? null)}
      >
        <option value="auto">{t('where it is possible')}</option>
        <option value="on">{t('always')}</option>
        <option value="off">{t('never')}</option>
      </select>
    </>
  );
}

function Field({ label, value, onChange }: InputProps<string>) {
  const id = useId();
  const draft = useDraft(value, async (text) => {
    if (text.trim() !== '') await onChange(text.trim());
  });
  return (
    <>
      <label for={id}>{label}</label>
      <input id={id} {...draft} />
    </>
  );
}

function Amount({ label, value, most, onChange }: InputProps<number> & { readonly most: number }) {
  const id = useId();
  const draft = useDraft(String(value), async (_text, input) => {
    if (input.validity.valid) await onChange(input.valueAsNumber);
  });
  return (
    <>
      <label for={id}>{label}</label>
      <input id={id} type="number" min={1} max={most} step={1} {...draft} />
    </>
  );
}

/** What the user types stays while the page is refreshed around it, until it is saved or refused. */
function useDraft(
  value: string,
  save: (text: string, input: HTMLInputElement) => Promise<void>,
): Pick<InputHTMLAttributes, 'value' | 'onInput' | 'onChange'> {
  const [draft, setDraft] = useState<string>();
  return {
    value: draft ?? value,
    onInput: ({ currentTarget }) => setDraft(currentTarget.value),
    onChange: async ({ currentTarget }) => {
      if (currentTarget.value !== value) await save(currentTarget.value, currentTarget);
      setDraft(undefined);
    },
  };
}
