import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editorBridge } from '../../src/dashboard/editorBridge.ts';
import { at } from '../support/json.ts';

const answer = { providers: [] };

/** The editor as a page finds it; each page has a bridge of its own, and all hear the same panel. */
class FakeEditor {
  readonly posted: unknown[] = [];
  readonly #listeners: ((event: { readonly data: unknown }) => void)[] = [];

  constructor() {
    Object.assign(globalThis, {
      window: {
        addEventListener: (_type: string, listener: (event: { readonly data: unknown }) => void) =>
          void this.#listeners.push(listener),
      },
      acquireVsCodeApi: () => ({
        postMessage: (message: unknown) => void this.posted.push(message),
        getState: () => undefined,
        setState: () => {},
      }),
    });
  }

  /** Reaches the page that is there now. */
  reply(id: unknown, body: object): void {
    const data = { type: 'reply', id, reply: { status: 200, body } };
    this.#listeners.at(-1)?.({ data });
  }
}

test('an answer to a page that was hidden meanwhile is none for the page that came after it', async () => {
  const editor = new FakeEditor();
  void editorBridge()?.call('POST /api/models/refresh', {});
  const page = editorBridge();
  assert.ok(page !== undefined);
  const asked = page.call('GET /api/oauth/providers', {});
  const [before, now] = editor.posted.map((message) => at(message, 'id'));
  editor.reply(before, { lists: [] });
  editor.reply(now, answer);
  assert.deepEqual(await asked, { ok: true, value: answer });
});
