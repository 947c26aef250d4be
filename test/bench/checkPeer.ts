import { type Endpoint, requestBody, stream } from './client.ts';

/** Fails with the reason unless a peer does what its figures would say that it does. */
export async function checkPeer(endpoint: Endpoint): Promise<void> {
  await handsOn(endpoint);
  await streams(endpoint);
}

/** The whole conversation of a request of Codex's shape reaches the upstream, and the answer has its end. */
async function handsOn({ port, path, headers, prefix }: Endpoint): Promise<void> {
  const body = requestBody(`${prefix}size`, 40e3);
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: body.toString(),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`it answers with status ${answer.status}`);
  if (!text.includes('response.completed')) throw new Error('its answers do not end');
  const bytes = Number(/(\d+) bytes/.exec(text)?.[1] ?? 0);
  // The same conversation is somewhat shorter or longer on the other wire.
  if (bytes < body.length * 0.8) {
    throw new Error(`it hands on ${bytes} bytes of a conversation of ${body.length}`);
  }
}

/** All chunks arrive, the first long before the last is sent. */
async function streams(endpoint: Endpoint): Promise<void> {
  const [chunks, pauseMs] = [50, 20];
  const body = requestBody(`${endpoint.prefix}paced-${chunks}-${pauseMs}`, 4e3);
  const { ages } = await stream(endpoint, body, true);
  if (ages.length !== chunks) throw new Error(`it gives ${ages.length} of ${chunks} chunks`);
  const [first = 0] = ages;
  if (first > (chunks * pauseMs) / 2) throw new Error('it holds chunks back');
}
