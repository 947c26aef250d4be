import type { ChatQuirks } from '../adapters/openaiChat/quirks.ts';
import type { HttpWire, ModelTraits, Quirks } from '../adapters/target.ts';
import type { JsonObject } from '../turn/turn.ts';
import type { ModelList } from './modelList.ts';
import type { KeyHeader } from './provider.ts';
import type { TokenExchange } from './tokenExchange.ts';

/**
 * What is known of a provider before anybody configures it. URLs may hold `{name}` placeholders that
 * `asks` declares. A reference below (`keyCheck.url`, `modelList.url`) is resolved against the base
 * URL with a slash behind it: `models` lies below it, `/props` at the root of its host; an absolute
 * one may only get the key while the user's base URL is one of the entry's own.
 */
export interface CatalogEntry {
  /** Its name in config.json. */
  readonly id: string;
  readonly label: string;
  readonly kind: 'login' | 'key' | 'gateway' | 'local' | 'custom';
  /** The wire that serves Codex best. */
  readonly adapter: HttpWire;
  readonly baseUrl: string;
  /** Other addresses of the same service: regions, plans, older hosts. */
  readonly otherBaseUrls?: readonly string[];
  /** Other names under which people look for it. */
  readonly aliases?: readonly string[];
  readonly asks?: readonly Ask[];
  /** The ways to sign in, the recommended one first. */
  readonly auth: readonly ('key' | 'forward' | 'oauth')[];
  /** It works without a key. */
  readonly keyOptional?: true;
  /** Where a user gets a key. */
  readonly keyPage?: string;
  /** What its keys begin with, where that tells them from other providers' keys. */
  readonly keyPrefixes?: readonly string[];
  readonly keyCheck?: KeyCheck;
  readonly modelList?: ModelList;
  readonly defaultModel?: string;
  /** A short list for when the live one is not to be had. */
  readonly models: readonly CatalogModel[];
  /** Names of further models that take text only; matched tolerantly. */
  readonly noVisionModels?: readonly string[];
  /** Models outside `models` get no reasoning parameter: this host refuses it where it is not known. */
  readonly reasoningOnlyListed?: true;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly quirks?: Quirks;
  /** The key only buys a short-lived token, which is its check; the key never goes to `baseUrl`. */
  readonly exchange?: TokenExchange;
  /** What a user has to know, one or two sentences. */
  readonly note?: string;
  /** Why it cannot serve Codex, and what to use instead. */
  readonly unusable?: string;
}

/** A value that the user is asked for, to fill `{name}`. */
export interface Ask {
  readonly name: string;
  readonly prompt: string;
  readonly default?: string;
}

export interface CatalogModel {
  /** The model's name at the provider. */
  readonly id: string;
  readonly traits: ModelTraits;
  /** Where this model departs from its provider's quirks. */
  readonly chat?: ChatQuirks;
}

/** A cheap request that a good key answers with 2xx. Redirects are not followed. */
export interface KeyCheck {
  readonly url: string;
  /** POST with this body; without it GET. */
  readonly body?: JsonObject;
  /** Where the key goes, if not where the provider's wire format puts it. */
  readonly header?: KeyHeader;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * The answers that mean "this is not a key"; default: status 401. Every other answer but 2xx says
   * nothing about the key.
   */
  readonly refused?: readonly Refusal[];
  /** What the body of a 2xx answer must match; default: any JSON that is no error. */
  readonly good?: RegExp;
  /** A 401 or 403 whose body matches comes from a good key that may not do this one thing. */
  readonly valid?: RegExp;
}

export interface Refusal {
  readonly status: number;
  /** The body must match as well. */
  readonly body?: RegExp;
}
