import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anthropic } from '../../../src/adapters/anthropic/adapter.ts';
import type { AssistantMessage, Message } from '../../../src/turn/turn.ts';
import { at, listOf } from '../../support/json.ts';
import { claude } from '../target.ts';
import {
  assistant,
  call,
  image,
  png,
  result,
  shell,
  system,
  text,
  thought,
  turnOf,
  user,
} from '../turns.ts';
import { sent, signed, uncached } from './turns.ts';

const start = [system('Be brief.'), user('Hello')];

/** The conversation as the provider gets it. */
function messages(more: readonly Message[], target = uncached()): unknown {
  return sent(turnOf({ messages: [...start, ...more] }), target).body['messages'];
}

const say = (words: string): object => ({ type: 'text', text: words });
const hello = { role: 'user', content: [say('Hello')] };
const use = (id: string, input: object = { cmd: 'ls' }): object => ({
  type: 'tool_use',
  id,
  name: 'exec_command',
  input,
});
const answer = (id: string, content: unknown): object => ({
  type: 'tool_result',
  tool_use_id: id,
  content,
});

describe('a request', () => {
  test('goes to the documented address, whether the base URL has /v1 or not', () => {
    const url = (target: ReturnType<typeof claude>) => sent(turnOf(), target).url;
    assert.equal(url(claude()), 'https://api.acme.test/v1/messages');
    const based = { ...claude(), baseUrl: 'https://api.acme.test/v1' };
    assert.equal(url(based), 'https://api.acme.test/v1/messages');
    assert.equal(
      url(claude('claude-opus-5-5', { path: '/apps/messages' })),
      'https://api.acme.test/apps/messages',
    );
    const { url: named } = sent(turnOf(), claude('../../evil?x=#'));
    assert.equal(named, 'https://api.acme.test/v1/messages');
  });

  test('has the version, no credentials, and asks for what the client wants', () => {
    const { headers, body } = sent(turnOf(), claude('claude-haiku-4-5'));
    assert.deepEqual(headers, {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      'anthropic-version': '2023-06-01',
    });
    assert.equal(body['stream'], true);
    const whole = sent(turnOf({ stream: false }));
    assert.equal(whole.body['stream'], false);
    assert.equal(whole.headers['accept'], 'application/json');
  });

  test('carries the betas of the provider record beside its own', () => {
    const betas = ['fine-grained-tool-streaming-2025-05-14'];
    assert.equal(
      sent(turnOf(), claude('claude-opus-5-5', { betas })).headers['anthropic-beta'],
      'fine-grained-tool-streaming-2025-05-14,thinking-binding-controls-2026-08-01',
    );
  });

  test('says no more than the client and the model need', () => {
    const { body } = sent(turnOf(), uncached('claude-haiku-4-5'));
    assert.deepEqual(Object.keys(body).sort(), [
      ...['max_tokens', 'messages', 'model', 'stream', 'system', 'thinking', 'tools'],
    ]);
  });

  test('takes the fields of the config last', () => {
    const target = { ...claude(), quirks: { extraBody: { max_tokens: 77, service_tier: 'auto' } } };
    const { body } = sent(turnOf(), target);
    assert.equal(body['max_tokens'], 77);
    assert.equal(body['service_tier'], 'auto');
    assert.ok(listOf(body['messages']).length > 0);
  });

  test('always limits the answer', () => {
    const limit = (turn: Parameters<typeof turnOf>[0], target = claude()) =>
      sent(turnOf(turn), target).body['max_tokens'];
    assert.equal(limit({}), 128_000);
    assert.equal(limit({}, claude('claude-haiku-4-5')), 64_000);
    assert.equal(limit({}, claude('x', {}, { maxOutputTokens: 8000 })), 8000);
    assert.equal(limit({ maxOutputTokens: 500 }), 500);
    assert.equal(limit({ maxOutputTokens: 9e6 }), 128_000);
  });

  test('is the same bytes for the same turn', () => {
    const turn = turnOf({ messages: [...start, assistant(call('a')), result('a', 'x')] });
    assert.equal(anthropic.encode(turn, claude()).body, anthropic.encode(turn, claude()).body);
  });
});

describe('instructions', () => {
  test('that lead are system blocks, the empty ones left out', () => {
    const turn = turnOf({
      messages: [system('Base.', ''), system(' \n'), system('Skills.'), user('Hello')],
    });
    assert.deepEqual(sent(turn, uncached()).body['system'], [say('Base.'), say('Skills.')]);
  });

  const switched: readonly Message[] = [
    assistant(text('Hi.')),
    system('<model_switch>'),
    user('Go on.'),
  ];

  test('in the middle follow the user where the model takes system messages', () => {
    assert.deepEqual(messages(switched), [
      hello,
      { role: 'assistant', content: [say('Hi.')] },
      { role: 'user', content: [say('Go on.')] },
      { role: 'system', content: [say('<model_switch>')] },
    ]);
  });

  test('in the middle are told by the user elsewhere, in their place', () => {
    assert.deepEqual(messages(switched, uncached('claude-haiku-4-5')), [
      hello,
      { role: 'assistant', content: [say('Hi.')] },
      { role: 'user', content: [say('<model_switch>'), say('Go on.')] },
    ]);
  });

  test('between tool results and the next step stand behind the results', () => {
    const loop = [assistant(call('a')), result('a', 'x'), system('Hurry.'), assistant(text('Ok.'))];
    assert.deepEqual(messages([...loop, user('And?')]), [
      hello,
      { role: 'assistant', content: [use('a')] },
      { role: 'user', content: [answer('a', 'x')] },
      { role: 'system', content: [say('Hurry.')] },
      { role: 'assistant', content: [say('Ok.')] },
      { role: 'user', content: [say('And?')] },
    ]);
  });

  test('without a user before them become the user', () => {
    assert.deepEqual(messages([assistant(text('Hi.')), system('Go on.')]), [
      hello,
      { role: 'assistant', content: [say('Hi.')] },
      { role: 'user', content: [say('Go on.')] },
    ]);
  });
});

describe('a conversation', () => {
  test('has alternating roles, and results first in the message behind the calls', () => {
    assert.deepEqual(
      messages([
        user('Now.'),
        assistant(text('Two.'), call('a'), call('b', '{"cmd":"pwd"}')),
        result('a', 'x'),
        result('b', 'y', png),
        user('Wait!'),
        assistant(text('Ok.')),
        assistant(text('Done.')),
        user('Thanks.'),
      ]),
      [
        { role: 'user', content: [say('Hello'), say('Now.')] },
        { role: 'assistant', content: [say('Two.'), use('a'), use('b', { cmd: 'pwd' })] },
        {
          role: 'user',
          content: [
            answer('a', 'x'),
            answer('b', [
              say('y'),
              {
                type: 'image',
                source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' },
              },
            ]),
            say('Wait!'),
          ],
        },
        { role: 'assistant', content: [say('Ok.'), say('Done.')] },
        { role: 'user', content: [say('Thanks.')] },
      ],
    );
  });

  test('has no text behind a call', () => {
    assert.deepEqual(
      at(messages([assistant(call('a'), text('Ran it.')), result('a', 'x')]), 1, 'content'),
      [say('Ran it.'), use('a')],
    );
  });

  test('has no text without a visible character', () => {
    assert.deepEqual(
      messages([
        assistant(text('\n\n'), call('a')),
        result('a', ' \n'),
        user('', ' '),
        user('Go.'),
      ]),
      [
        hello,
        { role: 'assistant', content: [use('a')] },
        { role: 'user', content: [answer('a', ' \n'), say('Go.')] },
      ],
    );
  });

  test('begins with the user', () => {
    const turn = turnOf({
      messages: [system('Be brief.'), assistant(text('Hi.')), user('Go on.')],
    });
    assert.equal(at(sent(turn).body, 'messages', 0, 'role'), 'user');
  });

  test('keeps every digit that the model wrote', () => {
    const args = '{"id": 12345678901234567890, "x": 1.0}';
    const turn = turnOf({ messages: [...start, assistant(call('a', args)), result('a', 'x')] });
    assert.ok(sent(turn).text.includes(`"input":${args}`));
  });

  test('gives call ids of other providers a form that is taken, everywhere the same', () => {
    const id = `call_1|fc_${'x'.repeat(300)}`;
    const ids = messages([assistant(call(id), call('fc+1')), result(id, 'x'), result('fc+1', 'y')]);
    assert.match(String(at(ids, 1, 'content', 0, 'id')), /^call_1_fc_x{38}_[0-9a-z]+$/);
    assert.equal(at(ids, 1, 'content', 0, 'id'), at(ids, 2, 'content', 0, 'tool_use_id'));
    assert.equal(at(ids, 1, 'content', 1, 'id'), at(ids, 2, 'content', 1, 'tool_use_id'));
    assert.notEqual(at(ids, 1, 'content', 0, 'id'), at(ids, 1, 'content', 1, 'id'));
  });

  test('tells calls as text where no tools are offered, as in compaction', () => {
    const loop = [assistant(signed('Hm.', 's'), call('a')), result('a', 'x', png)];
    const turn = turnOf({ tools: [], messages: [...start, ...loop, user('Summarise.')] });
    const { body } = sent(turn);
    assert.equal(body['tools'], undefined);
    assert.equal(body['tool_choice'], undefined);
    assert.match(JSON.stringify(body['messages']), /exec_command.*ls.*Summarise/);
  });
});

describe('an image', () => {
  const shown = (url: string, vision?: boolean) => {
    const turn = turnOf({ messages: [...start, assistant(text('?')), user(image(url))] });
    const target = claude('claude-opus-5-5', { cacheControl: 'off' }, { vision });
    return at(sent(turn, target).body, 'messages', 2, 'content', 0);
  };

  test('is sent as base64 or as an address', () => {
    assert.deepEqual(shown('data:image/webp;base64,AAAA'), {
      type: 'image',
      source: { type: 'base64', media_type: 'image/webp', data: 'AAAA' },
    });
    assert.deepEqual(shown('https://example.com/a.png'), {
      type: 'image',
      source: { type: 'url', url: 'https://example.com/a.png' },
    });
  });

  test('of another format, or for a model without eyes, is left out visibly', () => {
    for (const url of ['data:image/svg+xml;base64,AAAA', 'data:image/png,raw', 'data:broken']) {
      assert.match(String(at(shown(url), 'text')), /^\[An image stood here\. .*format\.\]$/);
    }
    assert.match(
      String(at(shown(png.url, false), 'text')),
      /^\[An image stood here\. .*text only\.\]$/,
    );
  });
});

describe('the marks of the cache', () => {
  const loop = [
    assistant(call('a')),
    result('a', 'x'),
    assistant(call('b')),
    result('b', 'y'),
    user('And?'),
    system('Hurry.'),
  ];
  /** The paths of all marks, and the marks. */
  function marks(target = claude()): Readonly<Record<string, unknown>> {
    const { body } = sent(turnOf({ messages: [...start, ...loop] }), target);
    const found: Record<string, unknown> = {};
    const walk = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [key, entry] of Object.entries(value)) {
        if (key === 'cache_control') found[path] = entry;
        else walk(entry, path === '' ? key : `${path}.${key}`);
      }
    };
    walk(body, '');
    return found;
  }

  test('stand at the end of tools, system and the last two messages of the user', () => {
    const mark = { type: 'ephemeral' };
    assert.deepEqual(marks(), {
      'system.0': mark,
      'tools.0': mark,
      'messages.2.content.0': mark,
      'messages.4.content.1': mark,
    });
  });

  test('live as long as the provider record says, or are left out', () => {
    const lives = Object.values(marks(claude('claude-opus-5-5', { cacheControl: '1h' })));
    assert.deepEqual(new Set(lives.map((mark) => at(mark, 'ttl'))), new Set(['1h']));
    assert.deepEqual(marks(uncached()), {});
  });

  test('move, but the rest of a growing conversation stays the same bytes', () => {
    const unmarked = (messages: readonly Message[]) =>
      sent(turnOf({ messages: [...start, ...messages] })).text.replaceAll(
        /,"cache_control":\{"type":"ephemeral"\}/g,
        '',
      );
    const before = unmarked(loop.slice(0, 2));
    assert.equal(unmarked(loop.slice(0, 4)).slice(0, before.length - 2), before.slice(0, -2));
  });
});

describe('tool_choice', () => {
  const choice = (turn: Parameters<typeof turnOf>[0], model = 'claude-opus-4-8') =>
    sent(turnOf(turn), claude(model)).body['tool_choice'];
  const required = { toolChoice: { type: 'required' } } as const;
  const named = { toolChoice: { type: 'tool', name: shell.name } } as const;

  test('is left out where it says nothing', () => {
    assert.equal(choice({}), undefined);
    assert.equal(choice({ parallelToolCalls: undefined }), undefined);
    assert.equal(choice({ tools: [], ...required }), undefined);
  });

  test('says what the client says', () => {
    assert.deepEqual(choice({ toolChoice: { type: 'none' } }), { type: 'none' });
    assert.deepEqual(choice(required), { type: 'any' });
    assert.deepEqual(choice(named), { type: 'tool', name: 'exec_command' });
  });

  test('keeps calls from being parallel', () => {
    const single = { disable_parallel_tool_use: true };
    assert.deepEqual(choice({ parallelToolCalls: false }), { type: 'auto', ...single });
    assert.deepEqual(choice({ parallelToolCalls: false, ...required }), { type: 'any', ...single });
    const none = { toolChoice: { type: 'none' }, parallelToolCalls: false } as const;
    assert.deepEqual(choice(none), { type: 'none' });
  });

  test('does not force a call where the model or its thinking forbids that', () => {
    assert.equal(choice(required, 'claude-opus-5-5'), undefined);
    assert.equal(choice(named, 'claude-haiku-4-5'), undefined);
    const calm = { reasoning: { effort: 'none', summary: undefined } };
    assert.deepEqual(choice({ ...required, ...calm }, 'claude-haiku-4-5'), { type: 'any' });
  });
});

describe('temperature and top_p', () => {
  const calm = { effort: 'none', summary: undefined };
  const sampled = (turn: Parameters<typeof turnOf>[0], model = 'claude-haiku-4-5') => {
    const { temperature, top_p } = sent(turnOf(turn), claude(model)).body;
    return [temperature, top_p];
  };

  test('are sent one at a time, and never above 1', () => {
    assert.deepEqual(sampled({ temperature: 0.3, reasoning: calm }), [0.3, undefined]);
    assert.deepEqual(sampled({ temperature: 1.7, topP: 0.5, reasoning: calm }), [1, undefined]);
    assert.deepEqual(sampled({ topP: 0.5, reasoning: calm }), [undefined, 0.5]);
  });

  test('are left out while the model thinks, and where it never takes them', () => {
    assert.deepEqual(sampled({ temperature: 0.3, topP: 0.5 }), [undefined, undefined]);
    const turn = { temperature: 0.3, reasoning: calm };
    assert.deepEqual(sampled(turn, 'claude-opus-4-8'), [undefined, undefined]);
  });
});

describe('thinking in the history', () => {
  const loop = (...reasoning: AssistantMessage['content']): readonly Message[] => [
    assistant(...reasoning, call('a')),
    result('a', 'x'),
  ];
  const content = (history: readonly Message[], target = uncached()) =>
    at(messages(history, target), 1, 'content');

  test('goes back verbatim, in its order, before the call', () => {
    const blocks = [
      { type: 'thinking', thinking: 'Häm \u2028 "…"', signature: 'Eq+/==' },
      { type: 'redacted_thinking', data: 'Em+/==' },
      { type: 'thinking', thinking: '', signature: 'Er+/==' },
    ];
    assert.deepEqual(
      content(loop(thought('Häm', blocks.slice(0, 2)), thought('', blocks.slice(2)))),
      [...blocks, use('a')],
    );
  });

  test('of others, or without its signature, is left out', () => {
    const foreign = thought('Hm.');
    const unsigned = thought('Hm.', [{ type: 'thinking', thinking: 'Hm.', signature: '' }]);
    const chat = thought('Hm.', { field: 'reasoning_content' });
    assert.deepEqual(content(loop(foreign, unsigned, chat)), [use('a')]);
  });

  test('without a signature goes back to hosts that do not check', () => {
    const unsigned = thought('Hm.', [{ type: 'thinking', thinking: 'Hm.', signature: '' }]);
    const target = claude('kimi-k3', { cacheControl: 'off', signatures: 'optional' });
    assert.deepEqual(content(loop(unsigned), target), [
      { type: 'thinking', thinking: 'Hm.', signature: '' },
      use('a'),
    ]);
  });

  test('never ends a message', () => {
    assert.deepEqual(content([assistant(text('Hi.'), signed('Hm.', 's')), user('Go on.')]), [
      say('Hi.'),
    ]);
    assert.deepEqual(messages([assistant(signed('Hm.', 's'), text(' ')), user('Go on.')]), [
      { role: 'user', content: [say('Hello'), say('Go on.')] },
    ]);
  });
});
