import type { Config } from '../config/schema.ts';
import type { ChatTurnEnd } from '../link/chatTurn.ts';
import { routeModel } from '../providers/routing.ts';
import type { Vision } from '../sidecars/vision.ts';
import { type TurnError, turnError } from '../turn/error.ts';
import type { TurnEvent } from '../turn/event.ts';
import type { Turn } from '../turn/turn.ts';
import { type AttemptServices, Attempts } from './attempts.ts';
import { ChatTurn } from './chatTurn.ts';
import type { RequestRecord } from './requestLog.ts';

export interface ChatTurnServices extends AttemptServices {
  vision(): Vision;
  config(): Config;
  /** Where the request is told about. */
  begin(model: string, provider: string): RequestRecord;
  ended(record: RequestRecord): void;
}

export interface RunningChatTurn {
  readonly end: Promise<ChatTurnEnd>;
  abort(): void;
}

const nothing = Buffer.alloc(0);

/** The turns of this window's own chat. They do not come over HTTP, and need no listener. */
export class ChatTurns {
  readonly #services: ChatTurnServices;
  readonly #running = new Set<ChatTurn>();

  constructor(services: ChatTurnServices) {
    this.#services = services;
  }

  run(turn: Turn, events: (events: readonly TurnEvent[]) => void): RunningChatTurn {
    const services = this.#services;
    const routed = routeModel(turn.model, services.config());
    const { promise: end, resolve } = Promise.withResolvers<ChatTurnEnd>();
    if (!routed.ok) {
      resolve({ ok: false, error: routed.error });
      return { end, abort: () => {} };
    }
    const { route } = routed;
    const { provider, model } = route;
    if (provider.wire === 'editor-models') {
      resolve({ ok: false, error: loop });
      return { end, abort: () => {} };
    }
    const record = services.begin(`${provider.id}/${model}`, provider.id);
    const chat = new ChatTurn({
      record,
      turn,
      vision: services.vision(),
      redact: (text) => services.redactor.redact(text),
      events,
      ended: (how) => {
        this.#running.delete(chat);
        services.ended(record);
        resolve(how);
      },
    });
    this.#running.add(chat);
    const attempts = new Attempts(services, chat, {
      inbound: {},
      peek: { model: turn.model, modelStart: 0, modelEnd: 0, stream: true, texts: undefined },
      body: nothing,
      route,
      prepare: (preparing) => chat.prepare(preparing),
    });
    void attempts.run();
    return { end, abort: () => chat.abort() };
  }

  stop(error: TurnError): void {
    for (const turn of this.#running) turn.stop(error);
  }
}

const loop = turnError(
  'rejected',
  "This is one of VS Code's own models: choose it in the chat directly.",
);
