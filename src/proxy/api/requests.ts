import { requestsApi } from '../../link/api/requestsApi.ts';
import { answer, done, type Route, refuse, route } from './route.ts';
import type { ApiServices } from './services.ts';

export function requestRoutes({ requestLog, usage }: ApiServices): readonly Route[] {
  return [
    route('GET /api/requests', requestsApi['GET /api/requests'], ({ since, limit }) =>
      answer(requestLog.page(since, limit)),
    ),
    route('GET /api/requests/:id', requestsApi['GET /api/requests/:id'], ({ id }) => {
      const detail = requestLog.detail(id);
      return detail === undefined
        ? refuse(404, 'This request is no longer in the log.')
        : answer(detail);
    }),
    route('POST /api/requests', requestsApi['POST /api/requests'], (detail) => {
      requestLog.show(detail);
      return done;
    }),
    route('DELETE /api/requests', requestsApi['DELETE /api/requests'], async () => {
      await requestLog.clear();
      return done;
    }),
    route('GET /api/usage', requestsApi['GET /api/usage'], async ({ days }) =>
      answer(await usage.read(days ?? 30)),
    ),
  ];
}
