import { invalid, numberIn, oneOf, record, string } from './anthropicRefusal.ts';
import { at, isRecord, type JsonRecord, listOf } from './json.ts';

/**
 * The web search that runs on Anthropic's servers, and its blocks in a conversation:
 *   tool     https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool
 *   domains  https://platform.claude.com/docs/en/agents-and-tools/tool-use/server-tools#domain-filtering
 *   replay   https://platform.claude.com/docs/en/build-with-claude/search-results
 */
const versions = ['web_search_20250305', 'web_search_20260209', 'web_search_20260318'];

const toolFields = [
  ...['type', 'name', 'max_uses', 'allowed_domains', 'blocked_domains', 'user_location'],
  ...['cache_control', 'allowed_callers', 'defer_loading', 'strict'],
];

export function isServerSearch(tool: unknown): boolean {
  return versions.includes(String(at(tool, 'type')));
}

/** The tool by which a request lets the server search. */
export function serverSearchIn(body: JsonRecord): unknown {
  return listOf(body['tools']).find(isServerSearch);
}

/** Gives the tool's name. */
export function checkServerSearch(value: unknown, path: string): string {
  const tool = record(value, path, toolFields);
  oneOf(tool['name'], `${path}.name`, ['web_search']);
  const uses = numberIn(tool['max_uses'], `${path}.max_uses`, 1, 1e6);
  if (uses !== undefined && !Number.isInteger(uses))
    invalid(`${path}.max_uses`, 'Input should be a valid integer');
  const lists = ['allowed_domains', 'blocked_domains'].filter((list) => list in tool);
  for (const list of lists) checkDomains(tool[list], `${path}.${list}`);
  if (lists.length === 2) {
    invalid(path, 'Only one of `allowed_domains` and `blocked_domains` may be specified.');
  }
  if ('user_location' in tool) checkLocation(tool['user_location'], `${path}.user_location`);
  return 'web_search';
}

function checkDomains(value: unknown, path: string): void {
  if (!Array.isArray(value)) invalid(path, 'Input should be a valid list');
  if (value.length === 0) invalid(path, 'List should have at least 1 item');
  for (const [index, domain] of value.entries()) {
    const name = string(domain, `${path}.${index}`);
    const [host = '', ...rest] = name.split('/');
    // One wildcard, and only behind the domain.
    const wildcards = rest.join('/').split('*').length - 1;
    if (!/^[a-zA-Z0-9.-]+$/.test(host) || wildcards > 1)
      invalid(`${path}.${index}`, `Invalid domain: ${name}`);
  }
}

function checkLocation(value: unknown, path: string): void {
  const places = ['city', 'region', 'country', 'timezone'];
  const location = record(value, path, ['type', ...places]);
  oneOf(location['type'], `${path}.type`, ['approximate']);
  for (const place of places) if (place in location) string(location[place], `${path}.${place}`);
  const country = location['country'];
  if (country !== undefined && !/^[a-zA-Z]{2}$/.test(String(country)))
    invalid(`${path}.country`, 'String should have at most 2 characters');
}

/** What comes back of a search is whole: nothing of it can be read or made by a client. */
export function checkSearchResult(content: unknown, path: string): void {
  if (isRecord(content)) {
    const error = record(content, path, ['type', 'error_code']);
    oneOf(error['type'], `${path}.type`, ['web_search_tool_result_error']);
    oneOf(error['error_code'], `${path}.error_code`, [
      ...['too_many_requests', 'invalid_tool_input', 'max_uses_exceeded', 'query_too_long'],
      ...['unavailable', 'request_too_large'],
    ]);
    return;
  }
  if (!Array.isArray(content)) invalid(path, 'Input should be a valid list');
  for (const [index, page] of content.entries()) {
    const at = `${path}.${index}`;
    const fields = ['type', 'url', 'title', 'encrypted_content', 'page_age'];
    const result = record(page, at, fields);
    oneOf(result['type'], `${at}.type`, ['web_search_result']);
    for (const field of ['url', 'title', 'encrypted_content'])
      string(result[field], `${at}.${field}`);
  }
}

/** A search and its result stand in one message, in this order. */
export function checkSearchPairs(blocks: readonly JsonRecord[], path: string): void {
  for (const [place, block] of blocks.entries()) {
    if (block['type'] === 'server_tool_use') {
      const id = block['id'];
      const answered = blocks
        .slice(place)
        .some((other) => other['type'] === 'web_search_tool_result' && other['tool_use_id'] === id);
      if (!answered) {
        invalid(
          path,
          `\`web_search\` tool use with id \`${id}\` was found without a corresponding \`web_search_tool_result\` block`,
        );
      }
    }
    if (block['type'] !== 'web_search_tool_result') continue;
    const asked = blocks.slice(0, place).some((other) => other['id'] === block['tool_use_id']);
    if (!asked)
      invalid(path, `unexpected \`tool_use_id\` found in \`web_search_tool_result\` blocks`);
  }
}
