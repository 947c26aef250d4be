import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import type { ApiAnswer, ApiCall, ApiName, ApiReply } from '../../src/link/api.ts';
import { listen } from '../support/listen.ts';

/** Answers by operation; what is missing is a 404. A function sees the call. */
export type FakeApi = {
  [K in ApiName]?: ApiAnswer<K> | ((call: ApiCall) => ApiReply | Promise<ApiReply>);
};

export interface PageServer {
  readonly url: string;
  /** What the page has asked that is not a GET. */
  readonly changes: ApiCall[];
  /** Tells the page that something changed. */
  tell(event: object): void;
  close(): Promise<void>;
}

const source = fileURLToPath(new URL('../../src/dashboard/main.tsx', import.meta.url));

/** Serves the dashboard to a browser as a proxy does, with answers that the test decides. */
export async function servePage(answers: FakeApi, theme = ''): Promise<PageServer> {
  const { outputFiles } = await esbuild.build({
    entryPoints: [source],
    bundle: true,
    write: false,
    outdir: 'out',
    format: 'iife',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
  });
  const text = (ending: string): string =>
    outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? '';
  const changes: ApiCall[] = [];
  const listeners = new Set<(line: string) => void>();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const method = request.method ?? 'GET';
    if (pathname === '/') {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(
        `<!DOCTYPE html><html lang="en"><head><title>OpenCodex</title><style>${theme}</style><style>${text('.css')}</style></head><body><script>${text('.js').replaceAll('</script', '<\\/script')}</script></body></html>`,
      );
      return;
    }
    if (pathname === '/api/events') {
      response.setHeader('content-type', 'application/x-ndjson');
      response.flushHeaders();
      const write = (line: string): void => void response.write(line);
      listeners.add(write);
      response.on('close', () => listeners.delete(write));
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const body: unknown =
        chunks.length === 0 ? undefined : JSON.parse(String(Buffer.concat(chunks)));
      const call: ApiCall = { method, path: request.url ?? '', body };
      if (method !== 'GET') changes.push(call);
      const reply = await answerTo(answers, method, pathname, call);
      response.statusCode = reply.status;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(reply.body));
    });
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}/`,
    changes,
    tell: (event) => {
      for (const listener of listeners) listener(`${JSON.stringify(event)}\n`);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answerTo(
  answers: FakeApi,
  method: string,
  path: string,
  call: ApiCall,
): Promise<ApiReply> {
  const found = Object.entries(answers).find(([name]) => {
    const [wanted, pattern = ''] = name.split(' ');
    const shape = new RegExp(`^${pattern.replace(/:\w+/g, '[^/]+')}$`);
    return wanted === method && shape.test(path);
  })?.[1];
  if (found === undefined) {
    return { status: 404, body: { error: { message: 'There is no such operation.' } } };
  }
  return typeof found === 'function' ? found(call) : { status: 200, body: found };
}
