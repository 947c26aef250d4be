import { settingsApi } from '../../link/api/settingsApi.ts';
import { searchKeyId } from '../../sidecars/searchKey.ts';
import { isJsonObject } from '../../turn/json.ts';
import type { Json, JsonObject } from '../../turn/turn.ts';
import { answer, type Route, refuse, route } from './route.ts';
import { saveConfig } from './saving.ts';
import type { ApiServices } from './services.ts';

/** A field of an input: `undefined` leaves it, `null` takes it away. */
type Change = Readonly<Record<string, unknown>>;

export function settingsRoutes(services: ApiServices): readonly Route[] {
  return [
    route('GET /api/settings', settingsApi['GET /api/settings'], () => {
      const { webSearchSidecar: search, visionSidecar: vision } = services.config.current;
      const { service, enabled, ...others } = search;
      return answer({
        webSearch: {
          ...others,
          enabled: enabled ?? null,
          service:
            service === undefined
              ? null
              : {
                  name: service.name,
                  ...(service.baseUrl !== undefined && { baseUrl: service.baseUrl }),
                  key: service.keySource ?? (service.apiKey === undefined ? 'none' : 'config'),
                },
        },
        vision: { ...vision, enabled: vision.enabled ?? null },
      });
    }),
    route('PUT /api/settings', settingsApi['PUT /api/settings'], async (input) => {
      const { webSearch, vision } = input;
      const { service, ...search } = webSearch ?? {};
      const key = service?.key;
      if (service && key !== undefined) {
        const kept = await services.keyKeeper.keep(searchKeyId(service.name), key);
        if (!kept) return noWindow;
      }
      return saveConfig(services, (raw) => {
        const before = objectIn(raw, 'webSearchSidecar');
        const chosen =
          service === undefined ? {} : { service: service && serviceEntry(before, service) };
        return {
          ...raw,
          ...(webSearch && { webSearchSidecar: changed(before, { ...search, ...chosen }) }),
          ...(vision && { visionSidecar: changed(objectIn(raw, 'visionSidecar'), vision) }),
        };
      });
    }),
  ];
}

const noWindow = refuse(
  409,
  'No editor window is there that could keep the key. Open one, or set "apiKey" of webSearchSidecar.service in config.json to an environment variable.',
);

/** A key belongs to one service: with another name it is not taken along. */
function serviceEntry(
  before: JsonObject,
  { name, baseUrl, key }: { name: string; baseUrl?: string | undefined; key?: string | undefined },
): JsonObject {
  const old = objectIn(before, 'service');
  const { apiKey, keySource } = old['name'] === name ? old : {};
  return {
    name,
    ...(baseUrl !== undefined && { baseUrl }),
    ...(key !== undefined && { keySource: 'vault' }),
    ...(key === undefined && apiKey !== undefined && { apiKey }),
    ...(key === undefined && keySource !== undefined && { keySource }),
  };
}

function changed(before: JsonObject, change: Change): JsonObject {
  const after: { [field: string]: Json } = { ...before };
  for (const [field, value] of Object.entries(change)) {
    if (value === null) delete after[field];
    else if (value !== undefined) after[field] = JSON.parse(JSON.stringify(value));
  }
  return after;
}

function objectIn(raw: JsonObject, field: string): JsonObject {
  const value = raw[field];
  return isJsonObject(value) ? value : {};
}
