/**
 * A request to the same model, to be tried in a terminal. It holds no secret: the access token is
 * read when the command runs.
 */
export function curlCommand(port: number, model: string): string {
  const body = JSON.stringify({ model, input: 'Say hello.', stream: true });
  return [
    `curl -N http://127.0.0.1:${port}/v1/responses`,
    `  -H "x-opencodex-token: $(ocx token)"`,
    `  -H 'content-type: application/json'`,
    `  -d ${quoted(body)}`,
  ].join(' \\\n');
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
