export type Endpoint = 'discovery' | 'device' | 'token' | 'revoke';

/** What sets the services apart. */
export interface Brand {
  readonly client: string;
  readonly scopes: readonly string[];
  readonly json: boolean;
  readonly redirects: RegExp;
  readonly headers: Readonly<Record<string, RegExp>>;
}

const ownName = /^opencodex-vscode\//;

export const brands = {
  xai: {
    client: 'b1a00492-073a-47ea-816f-4c329264a828',
    scopes: ['openid', 'offline_access', 'api:access'],
    json: false,
    redirects: /^http:\/\/127\.0\.0\.1:\d+\/callback$/,
    headers: { 'user-agent': ownName },
  },
  kimi: {
    client: '17e5f671-d194-4dfb-9706-5516cb48c098',
    scopes: [],
    json: false,
    redirects: /^$/,
    headers: {
      'user-agent': ownName,
      'x-msh-platform': /^opencodex-vscode$/,
      'x-msh-version': /./,
      'x-msh-device-name': /^[\x20-\x7e]+$/,
      'x-msh-device-model': /./,
      'x-msh-os-version': /./,
      'x-msh-device-id': /^[0-9a-f]{32}$/,
    },
  },
  anthropic: {
    client: '9d1c250a-e61b-44d9-88ed-5944d1962f5e',
    scopes: ['user:inference'],
    json: true,
    redirects:
      /^(http:\/\/localhost:\d+\/callback|https:\/\/platform\.claude\.com\/oauth\/code\/callback)$/,
    headers: { 'user-agent': ownName },
  },
} as const satisfies Readonly<Record<string, Brand>>;

export type BrandName = keyof typeof brands;

/** By host and path. */
export const places: Readonly<Record<string, readonly [BrandName, Endpoint | 'authorize']>> = {
  'auth.x.ai/.well-known/openid-configuration': ['xai', 'discovery'],
  'auth.x.ai/oauth2/device/code': ['xai', 'device'],
  'auth.x.ai/oauth2/token': ['xai', 'token'],
  'auth.x.ai/oauth2/revoke': ['xai', 'revoke'],
  'auth.x.ai/oauth2/authorize': ['xai', 'authorize'],
  'auth.kimi.com/api/oauth/device_authorization': ['kimi', 'device'],
  'auth.kimi.com/api/oauth/token': ['kimi', 'token'],
  'claude.ai/oauth/authorize': ['anthropic', 'authorize'],
  'platform.claude.com/v1/oauth/token': ['anthropic', 'token'],
};

export const hosts = new Set(Object.keys(places).map((place) => place.split('/')[0]));
