import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { catalog } from '../../src/providers/catalog.ts';
import type { HostedSearch } from '../../src/responses/webSearch.ts';
import { withPlainDomains } from '../../src/sidecars/domains.ts';
import { hostedTool, ownSearch } from '../../src/sidecars/searchTool.ts';
import { checkTools as anthropicTools } from '../support/anthropicToolRules.ts';
import { checkTools as chatTools } from '../support/chatToolRules.ts';
import { checkTools as geminiTools } from '../support/geminiToolRules.ts';
import { hostedSearch } from '../support/hostedSearch.ts';
import { type JsonRecord, listOf } from '../support/json.ts';
import { checkTools as responsesTools } from '../support/responsesToolRules.ts';

const search = (more: Partial<HostedSearch> = {}): HostedSearch =>
  withPlainDomains({ ...hostedSearch, ...more });

/** What a vendor would refuse, it refuses by throwing. */
const vendors: Readonly<Record<string, (body: JsonRecord) => void>> = {
  anthropic: (body) => void anthropicTools(body, 'model'),
  google: (body) => void geminiTools(body),
  xai: responsesTools,
  openrouter: chatTools,
};

const berlin = { country: 'DE', city: 'Berlin', timezone: 'Europe/Berlin' };
const six = Array.from('abcdef', (name) => `${name}.test`);

/** The client's wishes, and the entry in which each vendor gets them; `null`: it cannot keep to them. */
const wishes: Readonly<Record<string, readonly [Partial<HostedSearch>, Record<string, unknown>]>> =
  {
    none: [
      {},
      {
        anthropic: {},
        google: {},
        xai: {},
        openrouter: { parameters: { engine: 'exa', search_context_size: 'medium' } },
      },
    ],
    'domains that are allowed': [
      { allowedDomains: ['https://Example.com/', '*.example.org'] },
      {
        anthropic: { allowed_domains: ['example.com', 'example.org'] },
        google: null,
        xai: { filters: { allowed_domains: ['example.com', 'example.org'] } },
        openrouter: {
          parameters: {
            engine: 'exa',
            search_context_size: 'medium',
            allowed_domains: ['example.com', 'example.org'],
          },
        },
      },
    ],
    'domains that are blocked': [
      { blockedDomains: ['bad.net'] },
      {
        anthropic: { blocked_domains: ['bad.net'] },
        google: null,
        xai: { filters: { excluded_domains: ['bad.net'] } },
        openrouter: {
          parameters: {
            engine: 'exa',
            search_context_size: 'medium',
            excluded_domains: ['bad.net'],
          },
        },
      },
    ],
    'both, where one says it all': [
      { allowedDomains: ['example.com', 'old.bad.net'], blockedDomains: ['bad.net'] },
      {
        anthropic: { allowed_domains: ['example.com'] },
        google: null,
        xai: { filters: { allowed_domains: ['example.com'] } },
        openrouter: {
          parameters: {
            engine: 'exa',
            search_context_size: 'medium',
            allowed_domains: ['example.com'],
          },
        },
      },
    ],
    'both, where one does not': [
      { allowedDomains: ['example.com'], blockedDomains: ['old.example.com'] },
      { anthropic: null, google: null, xai: null, openrouter: null },
    ],
    'domains of which none is left': [
      { allowedDomains: ['example.com'], blockedDomains: ['example.com'] },
      { anthropic: null, google: null, xai: null, openrouter: null },
    ],
    'six domains': [
      { allowedDomains: six },
      {
        anthropic: { allowed_domains: six },
        google: null,
        xai: null,
        openrouter: {
          parameters: { engine: 'exa', search_context_size: 'medium', allowed_domains: six },
        },
      },
    ],
    'a place and a size': [
      { location: berlin, contextSize: 'high' },
      {
        anthropic: { user_location: { type: 'approximate', ...berlin } },
        google: {},
        xai: {},
        openrouter: {
          parameters: {
            engine: 'exa',
            user_location: { type: 'approximate', ...berlin },
            search_context_size: 'high',
          },
        },
      },
    ],
  };

test('every provider that searches itself has its rules here', () => {
  const searching = catalog.filter(({ quirks }) => quirks?.webSearch !== undefined);
  assert.deepEqual(searching.map(({ id }) => id).toSorted(), Object.keys(vendors).toSorted());
});

for (const { id, quirks } of catalog) {
  const quirk = quirks?.webSearch;
  const check = vendors[id];
  if (quirk === undefined || check === undefined) continue;
  describe(`the search of ${id}`, () => {
    for (const [what, [more, expected]] of Object.entries(wishes)) {
      test(`is asked for with ${what}`, () => {
        const fields = ownSearch(quirk, search(more));
        if (expected[id] === null) {
          assert.equal(fields, undefined);
          return;
        }
        const [entry, ...others] = listOf(fields?.[quirk.field]);
        assert.deepEqual(others, []);
        assert.deepEqual(entry, { ...quirk.entry, ...Object(expected[id]) });
        check({ ...fields });
      });
    }
  });
}

test('the hosted tool says all that the client said', () => {
  assert.deepEqual(hostedTool(search()), {
    type: 'web_search',
    external_web_access: true,
    search_context_size: 'medium',
  });
  const said = search({
    external: false,
    allowedDomains: ['example.com'],
    blockedDomains: ['bad.net'],
    location: berlin,
    contextSize: 'low',
  });
  assert.deepEqual(hostedTool(said), {
    type: 'web_search',
    external_web_access: false,
    search_context_size: 'low',
    filters: { allowed_domains: ['example.com'], blocked_domains: ['bad.net'] },
    user_location: { type: 'approximate', ...berlin },
  });
});
