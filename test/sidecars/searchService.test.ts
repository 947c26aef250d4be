import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HostedSearch } from '../../src/responses/webSearch.ts';
import { readFindings, searchServices } from '../../src/sidecars/searchService.ts';

const search: HostedSearch = {
  external: true,
  allowedDomains: ['example.com', 'example.org'],
  blockedDomains: ['bad.net'],
  location: { country: 'de' },
  contextSize: 'low',
};
const key = 'a-key';

describe('search services', () => {
  test('Brave is asked in the query, with the key in its header', () => {
    const { brave } = searchServices;
    const asked = brave.request({ url: brave.url ?? '', key, query: 'new & old', search });
    const url = new URL(asked.url);
    assert.equal(url.origin, 'https://api.search.brave.com');
    assert.equal(
      url.searchParams.get('q'),
      'new & old (site:example.com OR site:example.org) -site:bad.net',
    );
    assert.equal(url.searchParams.get('country'), 'DE');
    assert.equal(asked.headers?.['x-subscription-token'], key);
    assert.ok(!asked.url.includes(key));
    const body = {
      web: { results: [{ url: 'u', title: 't', description: '<strong>a</strong> b' }] },
    };
    assert.deepEqual(readFindings(brave, JSON.stringify(body)), {
      pages: [{ url: 'u', title: 't', text: 'a b' }],
    });
  });

  test('Tavily and Exa take the domains in fields of their own', () => {
    const { tavily, exa } = searchServices;
    const first = tavily.request({ url: tavily.url ?? '', key, query: 'q', search });
    assert.equal(first.headers?.['authorization'], `Bearer ${key}`);
    assert.deepEqual(JSON.parse(first.body ?? ''), {
      query: 'q',
      max_results: 4,
      include_domains: ['example.com', 'example.org'],
      exclude_domains: ['bad.net'],
    });
    const second = exa.request({ url: exa.url ?? '', key, query: 'q', search });
    assert.equal(second.headers?.['x-api-key'], key);
    const body: unknown = JSON.parse(second.body ?? '');
    assert.deepEqual(body, {
      query: 'q',
      numResults: 4,
      contents: { text: { maxCharacters: 400 } },
      includeDomains: ['example.com', 'example.org'],
      excludeDomains: ['bad.net'],
    });
    const found = (field: string) =>
      JSON.stringify({
        results: [{ url: 'u', title: 't', [field]: 'x' }, { title: 'no address' }],
      });
    const pages = [{ url: 'u', title: 't', text: 'x' }];
    assert.deepEqual(readFindings(tavily, found('content')), { pages });
    assert.deepEqual(readFindings(exa, found('text')), { pages });
  });

  test('a SearXNG is asked where it is, below its path', () => {
    const { searxng } = searchServices;
    const url = 'http://localhost:8888/searx/';
    const asked = searxng.request({ url, key: '', query: 'q', search });
    assert.match(asked.url, /^http:\/\/localhost:8888\/searx\/search\?q=q/);
    assert.equal(asked.headers?.['authorization'], undefined);
  });

  for (const nonsense of [
    '',
    '<html>',
    '"text"',
    'null',
    '[]',
    '{"web":1}',
    '{"results":[1,{}]}',
  ]) {
    test(`makes nothing of ${nonsense || 'an empty answer'}`, () => {
      for (const service of Object.values(searchServices)) {
        assert.deepEqual(readFindings(service, nonsense)?.pages ?? [], []);
      }
    });
  }
});
