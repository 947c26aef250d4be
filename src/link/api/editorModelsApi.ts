import * as z from 'zod/mini';
import { done, listOf, name, operation } from './operation.ts';

/** The editor's own models, which a window answers for. */

export const editorModel = z.object({
  /** What follows `vscode/` in a model's id. */
  name: z.string().check(z.minLength(1), z.maxLength(200)),
  label: z.string(),
  contextWindow: z.optional(z.number()),
});

/** `null`: there is a window, and its user has not allowed it. */
export const offeredModels = z.nullable(listOf(editorModel));

export const editorModelsApi = {
  /** What a window that is attached offers now. */
  'POST /api/editor-models': operation(z.object({ window: name, models: offeredModels }), done),
  /** The turn that an `editorTurn` event speaks of, as JSON text. */
  'GET /api/editor-turns/:id': operation(z.object({ id: name }), z.object({ body: z.string() })),
  /** More of its answer. `wanted`: somebody still listens. */
  'POST /api/editor-turns/:id': operation(
    z.object({ id: name, text: z.string(), over: z.boolean() }),
    z.object({ wanted: z.boolean() }),
  ),
} as const;

export type EditorModel = Readonly<z.infer<typeof editorModel>>;
export type OfferedModels = readonly EditorModel[] | null;
