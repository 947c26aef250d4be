import type { LoginKind } from './loginKind.ts';

/** Codex's id of our provider. Threads are pinned to it, so it never changes. */
export const providerId = 'opencodex';

/** The model that follows the choice in the status bar. */
export const currentModelId = 'opencodex/current';

export interface ProxyAddress {
  readonly port: number;
  /** The local access token. */
  readonly token: string;
}

/**
 * The fields of `[model_providers.opencodex]` as TOML source. The name must not be "OpenAI", which
 * would switch on Codex's private protocol; retries are few because the proxy retries itself.
 */
export function providerFields(
  proxy: ProxyAddress,
  login: LoginKind,
): readonly (readonly [name: string, value: string])[] {
  const base = `http://127.0.0.1:${proxy.port}/v1`;
  const token = tomlString(proxy.token);
  return [
    ['name', tomlString('OpenCodex')],
    ['base_url', tomlString(base)],
    ['wire_api', tomlString('responses')],
    ...(login === 'chatgpt'
      ? // Codex then sends its ChatGPT login, so our token needs a header of its own.
        ([
          ['requires_openai_auth', 'true'],
          ['http_headers', `{ "x-opencodex-token" = ${token} }`],
        ] as const)
      : ([['experimental_bearer_token', token]] as const)),
    ['model_catalog_url', tomlString(`${base}/codex/models`)],
    ['request_max_retries', '1'],
    ['stream_max_retries', '3'],
    ['stream_idle_timeout_ms', '300000'],
    ['supports_websockets', 'false'],
    // Codex summarises through an ordinary request, which every provider can answer.
    ['capabilities', '{ remote_compaction = "unsupported" }'],
  ];
}

/** Whether a provider table is one that `providerFields` made. */
export function isOurTable(table: unknown): boolean {
  return (
    typeof table === 'object' &&
    table !== null &&
    'name' in table &&
    table.name === 'OpenCodex' &&
    'model_catalog_url' in table &&
    typeof table.model_catalog_url === 'string' &&
    /^http:\/\/127\.0\.0\.1:\d+\/v1\/codex\/models$/.test(table.model_catalog_url)
  );
}

/**
 * The name of the file with the models, for a Codex that reads no `model_catalog_url`; also how the
 * setting that names it is told from the user's own.
 */
export const catalogFileName = 'opencodex-models.json';

/** Whether a `model_catalog_json` names our file. */
export function isOurCatalogFile(value: unknown): boolean {
  return typeof value === 'string' && value.split(/[\\/]/).at(-1) === catalogFileName;
}

/** JSON's escapes are a subset of TOML's; DEL alone must be escaped in addition. */
export function tomlString(text: string): string {
  return JSON.stringify(text).replaceAll('\u007f', '\\u007f');
}
