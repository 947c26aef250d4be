import type { ModelTraits, Quirks, Wire } from '../adapters/target.ts';
import type { ModelList } from './modelList.ts';
import type { TokenExchange } from './tokenExchange.ts';

/** A provider that can be used: the user's entry of config.json over its catalog record. */
export interface Provider {
  readonly id: string;
  readonly label: string;
  readonly wire: Wire;
  /** Absolute, without a trailing slash. */
  readonly baseUrl: string;
  readonly auth: Auth;
  /** Extra request headers of the user's entry; values may be `${VAR}` references. */
  readonly headers: Readonly<Record<string, string>>;
  readonly defaultModel: string | undefined;
  /** Model ids to offer where the live list is not to be had. */
  readonly models: readonly string[];
  readonly noReasoningModels: readonly string[];
  readonly noVisionModels: readonly string[];
  /** Bytes go through unchanged: the far end is OpenAI's own Responses implementation. */
  readonly passthrough: boolean;
  readonly quirks: Quirks;
  /** What is known of single models. */
  readonly known?: KnownModels;
  /** The catalog entry whose service is at its address. */
  readonly catalogId?: string;
  /** Where its list of models is, if not where its wire format puts it. */
  readonly modelList?: ModelList;
  /** The key only buys a short-lived token and never goes to `baseUrl`. Its URL is filled in. */
  readonly exchange?: TokenExchange;
  /** Why it cannot be used, and what to do; goes on from "<label>: ". */
  readonly unusable?: string;
}

export interface KnownModels {
  readonly models: readonly KnownModel[];
  /** Of every other model. */
  readonly others: ModelTraits;
}

export interface KnownModel {
  /** The model's name at the provider. */
  readonly id: string;
  readonly traits: ModelTraits;
  /** The provider's, as they are for this model. */
  readonly quirks: Quirks;
}

export type Auth =
  | {
      readonly mode: 'key';
      readonly header: KeyHeader;
      /** A literal, `${VAR}` or `$VAR`; `undefined` or empty: none is needed, or it is in the vault. */
      readonly apiKey: string | undefined;
      readonly source: 'config' | 'vault';
    }
  /** The ChatGPT login that Codex itself sends is relayed. */
  | { readonly mode: 'forward' }
  /** A stored account login. */
  | { readonly mode: 'oauth' };

export type KeyHeader = 'bearer' | 'x-api-key' | 'api-key' | 'x-goog-api-key';

/** What a request is sent to. */
export interface Route {
  readonly provider: Provider;
  /** The model's name at that provider. */
  readonly model: string;
}
