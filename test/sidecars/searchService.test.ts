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
    assert.deepEqual(
      [...url.searchParams.keys()].filter((name) => name !== 'q'),
      ['count'],
    );
    assert.equal(asked.headers?.['x-loc-country'], 'de');
    assert.equal(asked.headers?.['x-loc-city'], undefined);
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
      country: 'germany',
    });
    const second = exa.request({ url: exa.url ?? '', key, query: 'q', search });
    assert.equal(second.headers?.['x-api-key'], key);
    const body: unknown = JSON.parse(second.body ?? '');
    assert.deepEqual(body, {
      query: 'q',
      numResults: 4,
      contents: { text: { maxCharacters: 400 } },
      userLocation: 'DE',
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

  test('only those that answer from an index are asked for a search in one', () => {
    const indexed = Object.entries(searchServices).flatMap(([name, service]) =>
      service.indexed ? [name] : [],
    );
    assert.deepEqual(indexed, ['brave', 'exa']);
    const { exa } = searchServices;
    const asked = exa.request({
      url: exa.url ?? '',
      key,
      query: 'q',
      search: { ...search, external: false },
    });
    // Exa would fetch what it does not have.
    const body: { contents: unknown } = JSON.parse(asked.body ?? '');
    assert.deepEqual(body.contents, { text: { maxCharacters: 400 }, maxAgeHours: -1 });
  });

  test('a place goes where a service takes it, and only what it takes', () => {
    const { brave, tavily, exa } = searchServices;
    const location = { country: 'CZ', city: 'Plzeň', region: 'Bohemia', timezone: 'Europe/Prague' };
    const of = (service: typeof brave, place: HostedSearch['location']) =>
      service.request({
        url: service.url ?? '',
        key,
        query: 'q',
        search: { ...search, location: place },
      });
    const { headers } = of(brave, location);
    assert.equal(headers?.['x-loc-country'], 'CZ');
    assert.equal(headers?.['x-loc-state-name'], 'Bohemia');
    assert.equal(headers?.['x-loc-timezone'], 'Europe/Prague');
    // A header takes no such letters.
    assert.equal(headers?.['x-loc-city'], undefined);
    // It spells that country in another way.
    assert.ok(!of(tavily, location).body?.includes('country'));
    assert.match(of(tavily, { country: 'us' }).body ?? '', /"country":"united states"/);
    assert.match(of(exa, location).body ?? '', /"userLocation":"CZ"/);
    assert.ok(!of(exa, { country: 'Germany' }).body?.includes('userLocation'));
  });

  test('how much is asked for goes by the context size', () => {
    const counts = (['low', 'medium', 'high'] as const).map((contextSize) => {
      const asked = { key, query: 'q', search: { ...search, contextSize } };
      const { brave, tavily, exa } = searchServices;
      return [
        new URL(brave.request({ ...asked, url: brave.url ?? '' }).url).searchParams.get('count'),
        JSON.parse(tavily.request({ ...asked, url: tavily.url ?? '' }).body ?? '').max_results,
        JSON.parse(exa.request({ ...asked, url: exa.url ?? '' }).body ?? '').numResults,
      ];
    });
    assert.deepEqual(counts, [
      ['8', 4, 4],
      ['12', 6, 6],
      ['20', 10, 10],
    ]);
  });

  test('Brave takes 50 words and 400 characters, filters included', () => {
    const { brave } = searchServices;
    const asked = (query: string, more: Partial<HostedSearch> = {}) =>
      new URL(
        brave.request({ url: brave.url ?? '', key, query, search: { ...search, ...more } }).url,
      ).searchParams.get('q') ?? '';
    const long = asked('x'.repeat(400));
    assert.equal(long, 'x'.repeat(400));
    assert.equal(asked('word '.repeat(70).trim()).split(' ').length, 50);
    const many = Array.from({ length: 40 }, (_, n) => `site-${n}.example.com`);
    assert.equal(asked('new', { allowedDomains: many }), 'new');
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
