import { type Arrived, type FakeRefusal, startFake } from './fakeServer.ts';
import { playScript } from './fakeStream.ts';
import { GeminiAnswer } from './geminiAnswer.ts';
import { type Content, contentsOf, inside } from './geminiContentRules.ts';
import { SignatureLedger } from './geminiLedger.ts';
import { GeminiRefusal } from './geminiRefusal.ts';
import { checkAddress, checkRequest } from './geminiRules.ts';
import { serverSearchIn } from './geminiToolRules.ts';
import { at, isRecord, type JsonRecord, listOf, textAt } from './json.ts';
import type { Scope } from './scope.ts';
import type { SeenMessage, SeenRequest, Step } from './script.ts';
import type { FakeOptions, FakeProvider, Wire } from './wire.ts';

/**
 * A Gemini provider that plays scripts and refuses what Google refuses:
 * https://ai.google.dev/api/generate-content
 */
export const geminiWire: Wire = {
  name: 'google',
  objectArguments: true,
  start: startGemini,
};

/** Models that are not Google's are treated as its newest, by the fake and, told so, by the proxy. */
const newest = {
  match: '',
  thinking: 'level',
  levels: ['low', 'medium', 'high'],
  signedCalls: true,
  callIds: true,
  responseImages: true,
  sampling: false,
  outputSchema: 'always',
};

export async function startGemini(scope: Scope, options: FakeOptions = {}): Promise<FakeProvider> {
  const models = options.models ?? ['sim-1'];
  const apiKey = 'AIzaSim-0123456789';
  const ledger = new SignatureLedger();
  return startFake(scope, {
    apiKey,
    entry: (origin) => ({
      adapter: 'google',
      baseUrl: origin,
      apiKey,
      models: [...models],
      quirks: {
        google: { models: models.filter((model) => !isGoogles(model)).map(asNewest) },
      },
    }),
    async respond(arrived, response, next) {
      const { name, stream } = checkAddress(new URL(arrived.url, 'http://sim'), models);
      checkTransport(arrived, apiKey);
      const { body } = arrived;
      checkRequest(body, name, stream);
      ledger.check(body, name);
      const seen: SeenRequest = { ...see(arrived, body, ledger), model: name, stream };
      const making = (steps: readonly Step[]) => new GeminiAnswer(name, body, steps, ledger);
      await playScript(response, next(seen), making, {
        stream,
        sliceBytes: options.sliceBytes,
        wholeType: 'application/json; charset=UTF-8',
        failure,
      });
    },
    refusalOf,
  });
}

function isGoogles(model: string): boolean {
  return /^gem(?:ini|ma)-/.test(model);
}

function asNewest(match: string): object {
  return { ...newest, match };
}

function checkTransport({ method, headers }: Arrived, apiKey: string): void {
  if (method !== 'POST') throw new GeminiRefusal('Method not allowed.', 405);
  if (headers['x-goog-api-key'] !== apiKey) {
    const words = 'API key not valid. Please pass a valid API key.';
    throw new GeminiRefusal(words, 400, 'INVALID_ARGUMENT', 'API_KEY_INVALID');
  }
  if (!/^application\/json\b/.test(headers['content-type'] ?? '')) {
    throw new GeminiRefusal('The content type must be application/json.');
  }
}

function refusalOf(thrown: unknown): FakeRefusal {
  const { code, message, body } =
    thrown instanceof GeminiRefusal ? thrown : new GeminiRefusal(`fault of the fake: ${thrown}`);
  return {
    note: `${code} ${message}`,
    status: code,
    headers: { 'content-type': 'application/json; charset=UTF-8' },
    body,
  };
}

function failure(message: string): { readonly event: JsonRecord; readonly refusal: Error } {
  const refusal = new GeminiRefusal(message, 500, 'INTERNAL');
  return { event: refusal.body, refusal };
}

function see(
  { headers, outcome }: Arrived,
  body: JsonRecord,
  ledger: SignatureLedger,
): Omit<SeenRequest, 'model' | 'stream'> {
  const declared = listOf(body['tools']).flatMap((tool) =>
    listOf(at(tool, 'functionDeclarations')),
  );
  const instructions = listOf(at(body, 'systemInstruction', 'parts')).filter(isRecord);
  return {
    headers,
    body,
    serverSearch: serverSearchIn(body),
    tools: declared.map((tool) => ({
      name: textAt(tool, 'name'),
      description: String(at(tool, 'description') ?? ''),
      parameters: at(tool, 'parametersJsonSchema'),
    })),
    messages: [
      ...instructions.map((part) => said('system', [part])),
      ...contentsOf(body).flatMap((content) => seeContent(content, ledger)),
    ],
    outcome,
  };
}

/** Responses are messages of their own in the neutral form. */
function seeContent({ role, parts }: Content, ledger: SignatureLedger): readonly SeenMessage[] {
  if (role === 'model') {
    return [{ ...said('assistant', parts), reasoning: ledger.thoughtsOf(parts) }];
  }
  const others = parts.filter((part) => !('functionResponse' in part));
  return [
    ...inside(parts, 'functionResponse').map((response) => ({
      ...said('tool', [
        { text: textAt(response, 'response', 'output') },
        ...listOf(response['parts']).filter(isRecord),
      ]),
      callId: String(response['id'] ?? response['name']),
    })),
    ...(others.length > 0 ? [said('user', others)] : []),
  ];
}

function said(role: SeenMessage['role'], parts: readonly JsonRecord[]): SeenMessage {
  return {
    role,
    text: parts
      .filter((part) => part['thought'] !== true)
      .map((part) => part['text'] ?? '')
      .join(''),
    reasoning: '',
    images: parts.flatMap((part) => {
      const { inlineData, fileData } = part;
      if (isRecord(fileData)) return [textAt(fileData, 'fileUri')];
      if (!isRecord(inlineData)) return [];
      return [`data:${inlineData['mimeType']};base64,${inlineData['data']}`];
    }),
    calls: inside(parts, 'functionCall').map((call) => ({
      id: String(call['id'] ?? call['name']),
      name: textAt(call, 'name'),
      arguments: JSON.stringify(call['args'] ?? {}),
    })),
    callId: undefined,
  };
}
