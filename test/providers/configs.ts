import { type Config, configSchema, type ProviderConfig } from '../../src/config/schema.ts';

type ConfigText = Parameters<typeof configSchema.parse>[0];

/** A config as the file would give it. */
export function config(text: ConfigText): Config {
  return configSchema.parse(text);
}

export type Fields = Readonly<Record<string, unknown>>;

/** One provider entry as the file would give it. */
export function entry(fields: Fields): ProviderConfig {
  const parsed = config({ providers: { it: { adapter: 'openai-chat', ...fields } } });
  const found = parsed.providers['it'];
  if (found === undefined) throw new Error('the entry was not parsed');
  return found;
}
