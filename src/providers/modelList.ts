/** Where a provider lists its models, and how. The URL is a reference as in `CatalogEntry`. */
export interface ModelList {
  readonly url: string;
  /** It answers without a key, so it proves nothing about one. */
  readonly public?: true;
  /** Where the entries are: in `data` (default), in `models`, or the answer itself is the array. */
  readonly list?: 'models' | 'array';
  /** The field that holds the model's name. Default `id`. */
  readonly id?: 'name' | 'slug';
  /** A local server tells elsewhere how much of a model's window it serves. */
  readonly served?: 'llama-props' | 'ollama';
}
