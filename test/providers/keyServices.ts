import type { WebAnswer, WebCall, WebRequest } from '../../src/providers/webCall.ts';

/** How a provider's service answers about keys, as the facts have it: independent of the catalog. */
export interface KeyService {
  readonly method?: 'POST';
  readonly url: string;
  /** The header that carries the key; default: `authorization` with a bearer. */
  readonly header?: string;
  readonly good: string;
  readonly bad: readonly [status: number, body: string];
  /** What it answers where no key comes along; default: as for a bad one. */
  readonly none?: readonly [status: number, body: string];
  /** What the user has to fill in. */
  readonly values?: Readonly<Record<string, string>>;
}

const list = '{"object":"list","data":[{"id":"some-model","object":"model"}]}';
const plain = (message: string): string => JSON.stringify({ error: { message } });
const chat = '{"id":"x","choices":[{"message":{"role":"assistant","content":"h"}}]}';
const minimaxBad = '{"base_resp":{"status_code":1004,"status_msg":"login fail: invalid api key"}}';

/** By id of the catalog. */
export const keyServices: Readonly<Record<string, KeyService>> = {
  'openai-api': {
    url: 'https://api.openai.com/v1/models',
    good: list,
    bad: [
      401,
      '{"error":{"message":"Incorrect API key provided: %KEY%","code":"invalid_api_key"}}',
    ],
  },
  azure: {
    url: 'https://acme.openai.azure.com/openai/v1/models',
    header: 'api-key',
    good: list,
    bad: [
      401,
      '{"error":{"code":"401","message":"Access denied due to invalid subscription key"}}',
    ],
    values: { resource: 'acme' },
  },
  anthropic: {
    url: 'https://api.anthropic.com/v1/models?limit=1',
    header: 'x-api-key',
    good: '{"data":[{"id":"claude"}],"has_more":true}',
    bad: [
      401,
      '{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}',
    ],
  },
  google: {
    url: 'https://generativelanguage.googleapis.com/v1beta/models?pageSize=1',
    header: 'x-goog-api-key',
    good: '{"models":[{"name":"models/gemini"}]}',
    bad: [
      400,
      '{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}',
    ],
    none: [403, '{"error":{"code":403,"message":"Method doesn\'t allow unregistered callers"}}'],
  },
  xai: {
    url: 'https://api.x.ai/v1/language-models',
    good: '{"models":[{"id":"grok"}]}',
    bad: [400, '{"code":"invalid-argument","error":"Incorrect API key provided: %KEY%."}'],
    none: [401, '{"code":"unauthenticated:no-credentials","error":"No credentials"}'],
  },
  mistral: {
    url: 'https://api.mistral.ai/v1/models',
    good: list,
    bad: [401, '{"detail":"Invalid API Key"}'],
  },
  deepseek: {
    url: 'https://api.deepseek.com/models',
    good: list,
    bad: [401, plain('Authentication Fails, Your api key: %KEY% is invalid')],
  },
  kimi: {
    url: 'https://api.kimi.com/coding/v1/models',
    good: list,
    bad: [401, plain('Invalid key')],
  },
  moonshot: {
    url: 'https://api.moonshot.ai/v1/models',
    good: list,
    bad: [401, plain('Invalid Authentication')],
  },
  minimax: {
    url: 'https://api.minimax.io/v1/token_plan/remains',
    good: '{"model_remains":[],"base_resp":{"status_code":0,"status_msg":"success"}}',
    bad: [200, minimaxBad],
  },
  'minimax-cn': {
    url: 'https://api.minimaxi.com/v1/token_plan/remains',
    good: '{"model_remains":[],"base_resp":{"status_code":0,"status_msg":"success"}}',
    bad: [200, minimaxBad],
  },
  zai: {
    url: 'https://api.z.ai/api/coding/paas/v4/models',
    good: list,
    bad: [401, '{"error":{"code":"401","message":"token expired or incorrect"}}'],
  },
  xiaomi: {
    url: 'https://api.xiaomimimo.com/v1/models',
    good: list,
    bad: [401, plain('Invalid API Key')],
  },
  qianfan: {
    url: 'https://qianfan.baidubce.com/v2/models',
    good: list,
    bad: [401, plain('invalid_iam_token')],
  },
  alibaba: {
    method: 'POST',
    url: 'https://coding-intl.dashscope.aliyuncs.com/v1/chat/completions',
    good: chat,
    bad: [401, '{"error":{"code":"invalid_api_key","message":"Incorrect API key provided."}}'],
  },
  'alibaba-token-plan': {
    method: 'POST',
    url: 'https://token-plan.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1/chat/completions',
    good: chat,
    bad: [401, '{"error":{"code":"invalid_api_key","message":"Incorrect API key provided."}}'],
  },
  'alibaba-model-studio': {
    url: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1/models',
    good: list,
    bad: [401, '{"error":{"code":"invalid_api_key","message":"Incorrect API key provided."}}'],
  },
  openrouter: {
    url: 'https://openrouter.ai/api/v1/key',
    good: '{"data":{"label":"sk-or-…","usage":1}}',
    bad: [401, '{"error":{"message":"User not found.","code":401}}'],
  },
  'vercel-ai-gateway': {
    url: 'https://ai-gateway.vercel.sh/v1/credits',
    good: '{"balance":"3.2","total_used":"1"}',
    bad: [401, '{"error":{"message":"Authentication failed","type":"authentication_error"}}'],
  },
  kilo: {
    url: 'https://api.kilo.ai/api/profile',
    good: '{"user":{"name":"a"}}',
    bad: [401, '{"error":"Unauthorized"}'],
  },
  zenmux: {
    method: 'POST',
    url: 'https://zenmux.ai/api/v1/chat/completions',
    good: chat,
    bad: [403, '{"error":{"code":"403","type":"access_denied","message":"Invalid API key"}}'],
  },
  huggingface: {
    url: 'https://huggingface.co/api/whoami-v2',
    good: '{"type":"user","name":"a"}',
    bad: [401, '{"error":"Invalid username or password."}'],
  },
  venice: {
    url: 'https://api.venice.ai/api/v1/api_keys/rate_limits',
    good: '{"data":{"accessPermitted":true}}',
    bad: [401, '{"error":"Authentication failed"}'],
  },
  nanogpt: {
    method: 'POST',
    url: 'https://nano-gpt.com/api/check-balance',
    header: 'x-api-key',
    good: '{"usd_balance":"9.5"}',
    bad: [401, '{"error":"Invalid session"}'],
  },
  groq: {
    url: 'https://api.groq.com/openai/v1/models',
    good: list,
    bad: [401, '{"error":{"message":"Invalid API Key","code":"invalid_api_key"}}'],
  },
  cerebras: {
    url: 'https://api.cerebras.ai/v1/models',
    good: list,
    bad: [401, '{"message":"Wrong API Key","param":"api_key","code":"wrong_api_key"}'],
    none: [403, '{"detail":"Not authenticated"}'],
  },
  together: {
    url: 'https://api.together.xyz/v1/models',
    good: '[{"id":"some-model","type":"chat"}]',
    bad: [401, plain('Unauthorized')],
  },
  fireworks: {
    url: 'https://api.fireworks.ai/inference/v1/models',
    good: list,
    bad: [
      401,
      '{"error":{"message":"The API key you provided is invalid.","code":"UNAUTHORIZED"}}',
    ],
  },
  nvidia: {
    url: 'https://api.nvcf.nvidia.com/v2/nvcf/functions',
    good: '{"functions":[]}',
    bad: [403, '{"status":403,"title":"Forbidden","detail":"Authorization failed"}'],
  },
  siliconflow: {
    url: 'https://api.siliconflow.com/v1/user/info',
    good: '{"code":20000,"status":true,"data":{"id":"x"}}',
    bad: [401, '"Invalid token"'],
  },
  synthetic: {
    url: 'https://api.synthetic.new/v2/quotas',
    good: '{"subscription":{"limit":135}}',
    bad: [401, '{"error":"Invalid API key"}'],
  },
  'opencode-zen': {
    method: 'POST',
    url: 'https://opencode.ai/zen/v1/chat/completions',
    good: chat,
    bad: [401, '{"type":"error","error":{"type":"AuthError","message":"Invalid API key."}}'],
  },
  'github-copilot': {
    url: 'https://api.github.com/copilot_internal/v2/token',
    good: '{"token":"tid=1","expires_at":1800000000}',
    bad: [401, '{"message":"Bad credentials"}'],
  },
  'gitlab-duo': {
    method: 'POST',
    url: 'https://git.example.org/api/v4/ai/third_party_agents/direct_access',
    good: '{"token":"ey","headers":{}}',
    bad: [401, '{"message":"401 Unauthorized"}'],
    values: { instance: 'https://git.example.org/' },
  },
  'ollama-cloud': {
    url: 'https://ollama.com/api/balance',
    good: '{"balance":1}',
    bad: [401, '{"error":"unauthorized"}'],
  },
  ollama: {
    url: 'http://localhost:11434/v1/models',
    good: list,
    bad: [401, plain('unauthorized')],
  },
  vllm: {
    url: 'http://localhost:8000/v1/models',
    good: list,
    bad: [401, '{"error":"Unauthorized"}'],
  },
  'lm-studio': {
    url: 'http://localhost:1234/v1/models',
    good: list,
    bad: [401, plain('bad token')],
  },
  'llama-cpp': {
    url: 'http://localhost:8080/v1/models',
    good: list,
    bad: [401, plain('Invalid API Key')],
  },
  litellm: {
    url: 'http://localhost:4000/v1/models',
    good: list,
    bad: [401, plain('Authentication Error, LiteLLM Virtual Key expected')],
  },
  custom: {
    url: 'https://gateway.example.com/v1/models',
    good: list,
    bad: [401, plain('no such key')],
    values: { baseUrl: 'https://gateway.example.com/v1/' },
  },
};

/** A world in which every request is answered by `answer`, and remembered. */
export function world(answer: (request: WebRequest) => readonly [number, string, string?]): {
  readonly call: WebCall;
  readonly requests: readonly WebRequest[];
} {
  const requests: WebRequest[] = [];
  const call: WebCall = async (request): Promise<WebAnswer> => {
    requests.push(request);
    const [status, body, location] = answer(request);
    const html = body.startsWith('<!doctype');
    return {
      ok: true,
      status,
      headers: {
        'content-type': html ? 'text/html; charset=utf-8' : 'application/json',
        location,
      },
      body,
    };
  };
  return { call, requests };
}

/** The key that a request carries, by the one header in which the service looks for it. */
export function keyIn(request: WebRequest, service: KeyService): string | undefined {
  const header = request.headers?.[service.header ?? 'authorization'];
  return service.header === undefined ? header?.replace(/^Bearer /, '') : header;
}

/** Answers as the real service does: nothing but its own address, method and header will do. */
export function serve(service: KeyService, goodKey: string) {
  return (request: WebRequest): readonly [number, string] => {
    if (request.url !== service.url || request.method !== (service.method ?? 'GET')) {
      return [404, '{"error":{"message":"Not Found"}}'];
    }
    const key = keyIn(request, service);
    if (key === goodKey) return [200, service.good];
    const [status, body] = key === undefined ? (service.none ?? service.bad) : service.bad;
    return [status, body.replaceAll('%KEY%', key ?? '')];
  };
}
