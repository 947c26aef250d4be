/**
 * Other programs from npm that answer `/v1/responses` and translate it to Chat. Each listens on this
 * machine alone and has the benchmark's upstream as its only provider. A program that cannot be bound
 * to this machine is not among them.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { textAt } from '../support/json.ts';
import type { Command } from './groupProcess.ts';

export interface Peer {
  /** As npm has it. */
  readonly package: string;
  readonly version: string;
  /** Put before the model's name, as its users do. */
  readonly prefix: string;
  /** Writes its configuration and says how it is started. */
  command(place: Place): Command;
  /** Tells a running one what its configuration cannot; returns the headers that its clients send. */
  introduce?(place: Place): Promise<Readonly<Record<string, string>>>;
}

/** Where a peer runs. */
export interface Place {
  /** The `node_modules` that it was installed into. */
  readonly modules: string;
  /** What it takes for the user's home. */
  readonly home: string;
  readonly port: number;
  /** The address of the upstream's Chat endpoint, up to `/v1`. */
  readonly upstream: string;
}

const host = '127.0.0.1';
const key = 'bench';

export const peers: readonly Peer[] = [
  {
    package: '@bitkyc08/opencodex',
    version: '2.63.0',
    prefix: 'bench/',
    command({ modules, home, port, upstream }) {
      const bench = {
        adapter: 'openai-chat',
        baseUrl: upstream,
        apiKey: key,
        allowPrivateNetwork: true,
        liveModels: false,
        models: ['first'],
      };
      write(join(home, '.opencodex', 'config.json'), {
        port,
        hostname: host,
        providers: { bench },
        defaultProvider: 'bench',
        codexAutoStart: false,
        claudeCode: { enabled: false, intercept: { enabled: false } },
      });
      const script = join(modules, '@bitkyc08/opencodex/src/cli/index.ts');
      // What it would look up on the internet ends here.
      const dead = `http://${host}:9`;
      return {
        program: bunOf(modules),
        args: [script, 'start', '--port', String(port)],
        env: { HTTP_PROXY: dead, HTTPS_PROXY: dead, NO_PROXY: host },
      };
    },
  },
  {
    package: '@galaxy-yearn/codex-deepseek-gateway',
    version: '0.2.10',
    prefix: '',
    command({ modules, home, port, upstream }) {
      const config = join(home, 'config', 'gateway.local.json');
      write(config, { host, port, upstreamBaseUrl: upstream, upstreamApiKey: key });
      return {
        program: process.execPath,
        args: [join(modules, '@galaxy-yearn/codex-deepseek-gateway/src/server.js')],
        env: { GATEWAY_CONFIG_FILE: config },
      };
    },
  },
  {
    package: '9router',
    version: '0.5.69',
    prefix: 'bench/',
    command({ modules, home, port }) {
      return {
        program: process.execPath,
        args: ['--max-old-space-size=6144', join(modules, '9router/app/custom-server.js')],
        env: {
          NODE_ENV: 'production',
          HOSTNAME: host,
          PORT: String(port),
          DATA_DIR: join(home, 'data'),
          INITIAL_PASSWORD: key,
        },
      };
    },
    async introduce({ port, upstream }) {
      let cookie = '';
      const send = async (method: string, path: string, body: object): Promise<Response> => {
        const headers = { 'content-type': 'application/json', cookie };
        const request = { method, headers, body: JSON.stringify(body) };
        const answer = await fetch(`http://${host}:${port}/api/${path}`, request);
        if (!answer.ok) throw new Error(`it answered ${answer.status} at /api/${path}`);
        return answer;
      };
      const add = async (path: string, body: object): Promise<unknown> =>
        (await send('POST', path, body)).json();
      const login = await send('POST', 'auth/login', { password: key });
      cookie = login.headers.getSetCookie()[0]?.split(';')[0] ?? '';
      // It would shorten what tools have said; the others hand everything on.
      await send('PATCH', 'settings', { rtkEnabled: false });
      const wire = { type: 'openai-compatible', apiType: 'chat', baseUrl: upstream };
      const node = await add('provider-nodes', { name: 'bench', prefix: 'bench', ...wire });
      const provider = textAt(node, 'node', 'id');
      await add('providers', { provider, name: 'bench', apiKey: key });
      const client = textAt(await add('keys', { name: 'bench' }), 'key');
      return { authorization: `Bearer ${client}` };
    },
  },
];

/** How it is called in what a run reports. */
export function nameOf(peer: Peer): string {
  return `${peer.package} ${peer.version}`;
}

function write(file: string, config: object): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(config));
}

/** Bun itself, as npm installs it for this machine: its package's script would only link to it. */
function bunOf(modules: string): string {
  const scope = join(modules, '@oven');
  const program = readdirSync(scope, { recursive: true, encoding: 'utf8' }).find((path) =>
    /[\\/]bin[\\/]bun(?:\.exe)?$/.test(path),
  );
  if (program === undefined) throw new Error('npm has no Bun for this machine');
  return join(scope, program);
}
