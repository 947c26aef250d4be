import { reasonOf } from '../../language/reason.ts';
import type { ApiCall, ApiReply } from '../../link/api.ts';
import { editorModelRoutes } from './editorModels.ts';
import { loginRoutes } from './logins.ts';
import { modelRoutes } from './models.ts';
import { providerRoutes } from './providers.ts';
import { proxyRoutes } from './proxy.ts';
import { requestRoutes } from './requests.ts';
import { inputOf, type Route, refusal } from './route.ts';
import type { ApiServices } from './services.ts';
import { settingsRoutes } from './settings.ts';

/** Answers calls of the management API, whoever brings them. */
export class ManagementApi {
  readonly #routes: readonly Route[];
  readonly #failed: (thrown: unknown) => void;

  constructor(services: ApiServices) {
    this.#failed = (thrown) => services.report(thrown);
    // A path with a fixed word comes before one with a name in its place.
    this.#routes = [
      ...proxyRoutes(services),
      ...providerRoutes(services),
      ...loginRoutes(services),
      ...modelRoutes(services),
      ...requestRoutes(services),
      ...settingsRoutes(services),
      ...editorModelRoutes(services),
    ].sort((a, b) => Number(a.name.includes(':')) - Number(b.name.includes(':')));
  }

  get names(): readonly string[] {
    return this.#routes.map(({ name }) => name);
  }

  /** Never fails: what goes wrong is an answer, too. */
  async answer(call: ApiCall): Promise<ApiReply> {
    for (const route of this.#routes) {
      const input = inputOf(route, call);
      if (input === undefined) continue;
      try {
        return await route.run(input);
      } catch (thrown) {
        this.#failed(thrown);
        const reason = reasonOf(thrown);
        return refusal(500, `OpenCodex could not do this: ${reason}`);
      }
    }
    return refusal(404, `OpenCodex has no ${call.method} ${call.path.slice(0, 200)}.`);
  }
}
