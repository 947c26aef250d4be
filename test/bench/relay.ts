/**
 * The control: what any proxy in Node costs at least. It hands bytes on, both ways, and looks at
 * nothing. Usage: node relay.ts <upstream port>
 */
import { Agent, createServer, request as httpRequest } from 'node:http';

const upstreamPort = Number(process.argv[2]);
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

const server = createServer((incoming, outgoing) => {
  const upstream = httpRequest(
    {
      host: '127.0.0.1',
      port: upstreamPort,
      path: incoming.url?.replace('/v1/responses', '/v1/chat/completions'),
      method: incoming.method,
      headers: { ...incoming.headers, host: `127.0.0.1:${upstreamPort}` },
      agent,
    },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    },
  );
  upstream.on('error', () => outgoing.destroy());
  outgoing.on('close', () => upstream.destroy());
  incoming.pipe(upstream);
});

// A connection that is idle between two rounds must not end while the next one takes it up.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.stdout.write(`${address.port}\n`);
});
