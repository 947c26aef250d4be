import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import { chatChunk, eventStream, type Respond, startUpstream } from '../support/upstream.ts';
import { chatEntry, type OpenStream, openTurn, responsesEntry } from './client.ts';

const clients = 256;
const mebibyte = 1024 * 1024;
const answerBytes = 50 * mebibyte;

/**
 * What an upstream can get rid of for one client that does not read. Nearly all of it is in the
 * system's buffers of two connections: those of a loopback interface begin at some megabytes.
 */
const mostBytes = 16 * mebibyte;

/** Writes 50 MB to each that asks, as fast as they are taken, and counts. */
class Flood {
  readonly written = new Map<ServerResponse, number>();
  held = 0;
  most = 0;

  readonly respond: Respond = async ({ path }, response) => {
    const piece = path.endsWith('/responses') ? passed : translated;
    let wake = (): void => {};
    for (const event of ['drain', 'close']) response.on(event, () => wake());
    response.writeHead(200, eventStream);
    for (let bytes = 0; bytes < answerBytes && !response.destroyed; bytes += piece.length) {
      this.written.set(response, bytes);
      this.most = Math.max(this.most, bytes);
      // Nobody is held: all of it would be some gigabytes.
      if (this.most > mostBytes) return;
      if (response.write(piece)) continue;
      this.held += 1;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      this.held -= 1;
    }
    this.written.delete(response);
  };

  get total(): number {
    return [...this.written.values()].reduce((sum, bytes) => sum + bytes, 0);
  }
}

const text = 'x'.repeat(250_000);
const delta = { type: 'response.output_text.delta', item_id: 'm', output_index: 0, delta: text };
const passed = `event: ${delta.type}\ndata: ${JSON.stringify(delta)}\n\n`;
const translated = chatChunk(text);

test(`${clients} clients that do not read hold their upstreams, and leave nothing behind`, async (t) => {
  const scope = testScope(t);
  const flood = new Flood();
  const upstream = await startUpstream(scope, flood.respond);
  const proxy = await startProxy(scope, {
    providers: { chat: chatEntry(upstream.url), passed: responsesEntry(upstream.url) },
  });
  const streams: OpenStream[] = [];
  for (let i = 0; i < clients; i += 1) {
    const stream = await openTurn(proxy, { model: i % 2 === 0 ? 'chat/m' : 'passed/m' });
    scope.add(() => stream.close());
    stream.pause();
    streams.push(stream);
  }
  let before = -1;
  let alike = 0;
  await until('all upstreams to be held', async () => {
    alike = flood.held === clients && flood.total === before ? alike + 1 : 0;
    before = flood.total;
    if (flood.most > mostBytes) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
    return alike >= 10;
  });
  t.diagnostic(
    `written for each: ${Math.round(flood.total / clients / 1024)} KiB, at most ${Math.round(flood.most / 1024)} KiB`,
  );
  assert.ok(flood.most <= mostBytes, `${flood.most} bytes were written for one client`);

  for (const stream of streams) stream.close();
  await until('the upstreams to be let go', () => flood.written.size === 0);
  await until('the turns to end', () => proxy.proxy.snapshot().activity.active === 0);
});
