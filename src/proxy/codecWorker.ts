import type { MessagePort } from 'node:worker_threads';
import type { Target } from '../adapters/target.ts';
import { reasonOf } from '../language/reason.ts';
import type { RequestPeek } from '../responses/peek.ts';
import { dropSealed } from '../responses/reasoning.ts';
import type { SidecarJob } from '../sidecars/sidecarJob.ts';
import { type SidecarTranslation, translateBeside } from '../sidecars/translateBeside.ts';
import { Additions, boundedAdditions, type PromptAddition } from '../turn/additions.ts';
import { turnError } from '../turn/error.ts';

/** What is known of a request already. */
export type Asked = Pick<RequestPeek, 'model' | 'texts'>;

/** What the streaming thread asks of the thread beside it. Bodies are transferred, never copied. */
export type CodecJob = { readonly id: number; readonly body: Uint8Array<ArrayBuffer> } & (
  | {
      readonly name: 'translate';
      readonly asked: Asked;
      readonly target: Target;
      /** The body is wanted back. */
      readonly keep: boolean;
      readonly sidecars: SidecarJob | undefined;
    }
  | { readonly name: 'dropSealed' }
);

export type CodecResult = { readonly id: number } /** The thread is up. */ & (
  | { readonly name: 'ready' }
  | {
      readonly name: 'translate';
      readonly translation: SidecarTranslation;
      readonly body: Uint8Array | undefined;
    }
  | ({ readonly name: 'dropSealed' } & CleanBody)
);

/** A body that may be passed through, and what was put in place of what only we can read. */
export interface CleanBody {
  readonly body: Uint8Array;
  readonly additions: readonly PromptAddition[];
}

/** Takes our own reasoning out of a body, and puts our summaries into words. */
export function cleaned(body: Uint8Array): CleanBody {
  const additions = new Additions();
  return { body: dropSealed(body, additions), additions: boundedAdditions(additions.list) };
}

/** Does the jobs that come in on the port, one after the other. */
export function serveCodec(port: MessagePort): void {
  port.on('message', (job: CodecJob) => {
    const result = run(job);
    port.postMessage(result, transferable(result));
  });
  const ready: CodecResult = { id: 0, name: 'ready' };
  port.postMessage(ready);
}

function run(job: CodecJob): CodecResult {
  switch (job.name) {
    case 'translate':
      return {
        id: job.id,
        name: job.name,
        translation: translated(job),
        body: job.keep ? job.body : undefined,
      };
    case 'dropSealed':
      return { id: job.id, name: job.name, ...cleaned(job.body) };
  }
}

function translated(job: Extract<CodecJob, { name: 'translate' }>): SidecarTranslation {
  try {
    const { model, texts } = job.asked;
    return translateBeside(job.body, model, job.target, job.sidecars, texts);
  } catch (thrown) {
    const reason = reasonOf(thrown);
    const message = `OpenCodex could not translate the request for ${job.target.label}: ${reason}`;
    return { ok: false, error: turnError('internal', message) };
  }
}

function transferable(result: CodecResult): ArrayBuffer[] {
  return bytesOf(result).flatMap((bytes) =>
    bytes?.buffer instanceof ArrayBuffer ? [bytes.buffer] : [],
  );
}

function bytesOf(result: CodecResult): readonly (Uint8Array | undefined)[] {
  switch (result.name) {
    case 'translate':
      return [result.body, result.translation.ok ? result.translation.request.body : undefined];
    case 'dropSealed':
      return [result.body];
    case 'ready':
      return [];
  }
}
