import { setImmediate as nextTurn } from 'node:timers/promises';
import { within } from '../language/within.ts';
import { turnError } from '../turn/error.ts';
import { Listener } from './listener.ts';
import type { Parts } from './parts.ts';
import { type HandlerOptions, RequestHandler } from './requestHandler.ts';
import type { TurnPipeline } from './turnPipeline.ts';

/** What answers on one listener. A port that is taken again gets another one. */
export class Service {
  readonly pipeline: TurnPipeline;
  readonly #parts: Parts;
  readonly #handler: RequestHandler;

  constructor(parts: Parts, options: Pick<HandlerOptions, 'token' | 'version' | 'api' | 'hold'>) {
    this.#parts = parts;
    this.pipeline = parts.pipeline();
    this.#handler = new RequestHandler({
      ...options,
      pipeline: this.pipeline,
      forward: parts.forwardRelay(),
      catalog: (asker) => {
        parts.codex.look();
        return parts.models.fresh(asker);
      },
    });
  }

  /** A listener that failed cannot be used again, so each try gets a new one. */
  createListener(): Listener {
    return new Listener(this.#parts.limits, (request, response, port) =>
      this.#handler.handle(request, response, port),
    );
  }

  /** Frees the port at once; running turns may go on for a while, unless there is a hurry. */
  async end(
    listener: Listener,
    graceMs: number,
    reason: string,
    hurry: AbortSignal,
  ): Promise<void> {
    listener.refuseNew();
    await within(this.pipeline.idle(), graceMs, hurry);
    this.pipeline.stop(turnError('internal', reason));
    await nextTurn(); // what the clients get to read is on its way before their connections end
    await listener.close();
  }
}
