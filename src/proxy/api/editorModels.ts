import { editorModelsApi } from '../../link/api/editorModelsApi.ts';
import { answer, done, type Route, refuse, route } from './route.ts';
import type { ApiServices } from './services.ts';

export function editorModelRoutes({ editorModels, windows }: ApiServices): readonly Route[] {
  return [
    route('POST /api/editor-models', editorModelsApi['POST /api/editor-models'], (offer) => {
      if (!windows.has(offer.window)) return refuse(409, 'This window is not attached.');
      editorModels.offer(offer.window, offer.models);
      return done;
    }),
    route('GET /api/editor-turns/:id', editorModelsApi['GET /api/editor-turns/:id'], ({ id }) => {
      const body = editorModels.turn(id);
      return body === undefined
        ? refuse(404, 'Nobody waits for this turn any more.')
        : answer({ body });
    }),
    route(
      'POST /api/editor-turns/:id',
      editorModelsApi['POST /api/editor-turns/:id'],
      ({ id, text, over }) => answer({ wanted: editorModels.answer(id, text, over) }),
    ),
  ];
}
