import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChatQuirks } from '../../../src/adapters/openaiChat/quirks.ts';
import type { ModelTraits } from '../../../src/adapters/target.ts';
import type { Message } from '../../../src/turn/turn.ts';
import { at, listOf, textAt } from '../../support/json.ts';
import { chatTarget } from '../target.ts';
import { bodyOf, conversation, pixel, turn } from './turns.ts';

function messages(
  history: readonly Message[],
  quirks: ChatQuirks = {},
  traits: Partial<ModelTraits> = {},
): readonly unknown[] {
  return listOf(bodyOf(turn({ messages: history }), chatTarget(quirks, traits))['messages']);
}

function roles(list: readonly unknown[]): string {
  return list.map((message) => textAt(message, 'role')).join(' ');
}

const calls = [
  { id: 'call_1', type: 'function', function: { name: 'shell', arguments: '{"cmd":"ls"}' } },
  { id: 'call_2', type: 'function', function: { name: 'look', arguments: '{}' } },
];
const image = { type: 'image_url', image_url: { url: pixel } };

test('a step with calls, results and an image goes out as OpenAI documents it', () => {
  assert.deepEqual(messages(conversation), [
    { role: 'system', content: 'You code.' },
    { role: 'system', content: 'You may write.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Look:' },
        { type: 'image_url', image_url: { url: pixel, detail: 'high' } },
      ],
    },
    { role: 'assistant', content: 'I look.', tool_calls: calls },
    { role: 'tool', tool_call_id: 'call_1', content: 'a.txt' },
    {
      role: 'tool',
      tool_call_id: 'call_2',
      content: 'Here:\n\n[The image follows in the next user message.]',
    },
    {
      role: 'user',
      content: [{ type: 'text', text: 'Image in the result of look (call_2):' }, image],
    },
    { role: 'system', content: 'Be quick.' },
    { role: 'user', content: 'And now?' },
  ]);
});

test('instructions take the role that the host wants', () => {
  const sent = messages(conversation, { systemRole: 'developer' });
  assert.equal(
    roles(sent).replaceAll('developer', 'd'),
    'd d user assistant tool tool user d user',
  );
});

test('with a leading system message alone, later instructions become user text and roles alternate', () => {
  const sent = messages(conversation, { systemPlace: 'leading' });
  assert.equal(roles(sent), 'system user assistant tool tool user');
  assert.equal(at(sent, 0, 'content'), 'You code.\n\nYou may write.');
  assert.deepEqual(at(sent, 5, 'content'), [
    { type: 'text', text: 'Image in the result of look (call_2):' },
    image,
    { type: 'text', text: 'Be quick.' },
    { type: 'text', text: 'And now?' },
  ]);
  const texts = messages(
    [
      { role: 'system', content: [{ type: 'text', text: 'A' }] },
      { role: 'user', content: [{ type: 'text', text: 'B' }] },
      { role: 'system', content: [{ type: 'text', text: 'C' }] },
    ],
    { systemPlace: 'leading' },
  );
  assert.deepEqual(texts, [
    { role: 'system', content: 'A' },
    { role: 'user', content: 'B\n\nC' },
  ]);
});

test('images stay in tool results where the host takes them there', () => {
  const sent = messages(conversation, { toolImages: 'tool' });
  assert.equal(roles(sent), 'system system user assistant tool tool system user');
  assert.deepEqual(at(sent, 5, 'content'), [{ type: 'text', text: 'Here:' }, image]);
});

test('a text-only model gets a mark in place of every image', () => {
  for (const toolImages of ['user', 'tool'] as const) {
    const sent = messages(conversation, { toolImages }, { vision: false });
    assert.doesNotMatch(JSON.stringify(sent), /image_url|base64/);
    assert.match(textAt(sent, 2, 'content'), /^Look:\n\n\[An image stood here/);
    assert.match(textAt(sent, 5, 'content'), /^Here:\n\n\[An image stood here/);
  }
});

test('tool messages name the tool where the host needs it', () => {
  const sent = messages(conversation, { toolResultName: true });
  assert.deepEqual([at(sent, 4, 'name'), at(sent, 5, 'name')], ['shell', 'look']);
});

test('an assistant message comes between a result and the user where the host needs it', () => {
  assert.equal(
    roles(messages(conversation, { assistantAfterTool: true })),
    'system system user assistant tool tool assistant user system user',
  );
  assert.equal(
    roles(messages(conversation.toSpliced(5, 1), { assistantAfterTool: true })),
    'system system user assistant tool assistant system user',
  );
});

test('an assistant message that only calls has no content, in the host’s form', () => {
  const history: readonly Message[] = [
    { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
    {
      role: 'assistant',
      content: [{ type: 'tool_call', callId: 'call_1', name: 'shell', arguments: '{}' }],
    },
    { role: 'tool', callId: 'call_1', name: 'shell', content: [{ type: 'text', text: 'ok' }] },
  ];
  assert.equal(at(messages(history), 1, 'content'), null);
  assert.equal(at(messages(history, { emptyContent: 'string' }), 1, 'content'), '');
});

function withIds(...ids: readonly string[]): readonly Message[] {
  return ids.flatMap((callId): readonly Message[] => [
    { role: 'assistant', content: [{ type: 'tool_call', callId, name: 'shell', arguments: '{}' }] },
    { role: 'tool', callId, name: 'shell', content: [{ type: 'text', text: callId }] },
  ]);
}

function sentIds(history: readonly Message[], quirks: ChatQuirks): readonly string[] {
  const sent = messages(history, quirks);
  const asked = sent.flatMap((message) =>
    listOf(at(message, 'tool_calls')).map((call) => textAt(call, 'id')),
  );
  const answered = sent.flatMap((message) =>
    at(message, 'role') === 'tool' ? [textAt(message, 'tool_call_id')] : [],
  );
  assert.deepEqual(answered, asked);
  assert.equal(new Set(asked).size, asked.length);
  return asked;
}

test('call ids are replaced only where the host’s rule does not take them', () => {
  const long = `toolu_${'x'.repeat(60)}`;
  const history = withIds('call_1', 'a1B2c3D4e', long, `${long}y`, 'functions.shell:0');
  assert.deepEqual(sentIds(history, {}), [
    'call_1',
    'a1B2c3D4e',
    long,
    `${long}y`,
    'functions.shell:0',
  ]);
  const short = sentIds(history, { toolCallIds: 'max40' });
  assert.deepEqual([short[0], short[1], short[4]], ['call_1', 'a1B2c3D4e', 'functions.shell:0']);
  assert.ok(short.every((id) => id.length <= 40));
  const nine = sentIds(history, { toolCallIds: 'alnum9' });
  assert.equal(nine[1], 'a1B2c3D4e');
  assert.ok(nine.every((id) => /^[A-Za-z0-9]{9}$/.test(id)));
  assert.deepEqual(sentIds(history.slice(4), { toolCallIds: 'alnum9' }), nine.slice(2));
});

test('many ids get as many replacements', () => {
  const ids = Array.from({ length: 3000 }, (_, number) => `call_${number}`);
  assert.equal(sentIds(withIds(...ids), { toolCallIds: 'alnum9' }).length, 3000);
});

const seen: Message = {
  role: 'assistant',
  content: [
    { type: 'reasoning', text: 'Let me.', carry: { field: 'reasoning' } },
    { type: 'text', text: 'Yes.' },
  ],
};
const foreign: Message = {
  role: 'assistant',
  content: [
    { type: 'reasoning', text: 'Elsewhere.', carry: undefined },
    { type: 'text', text: 'No.' },
  ],
};
const ask: Message = { role: 'user', content: [{ type: 'text', text: 'Go on' }] };
const replayed = (message: Message, quirks: ChatQuirks): unknown =>
  messages([ask, message, ask], quirks)[1];

test('reasoning goes back in the field in which it came, and only its own', () => {
  const plain = { role: 'assistant', content: 'Yes.' };
  assert.deepEqual(replayed(seen, {}), plain);
  assert.deepEqual(replayed(seen, { reasoningReplay: 'field' }), {
    ...plain,
    reasoning: 'Let me.',
  });
  assert.deepEqual(replayed(foreign, { reasoningReplay: 'field' }), {
    role: 'assistant',
    content: 'No.',
  });
});

test('hosts that want the field on every message get an empty one', () => {
  const always: ChatQuirks = { reasoningReplay: 'field_always' };
  assert.deepEqual(replayed(seen, always), {
    role: 'assistant',
    content: 'Yes.',
    reasoning: 'Let me.',
  });
  assert.deepEqual(replayed(foreign, always), {
    role: 'assistant',
    content: 'No.',
    reasoning_content: '',
  });
  assert.deepEqual(replayed(foreign, { ...always, reasoningField: 'reasoning' }), {
    role: 'assistant',
    content: 'No.',
    reasoning: '',
  });
});

test('Copilot gets its opaque value beside the text', () => {
  const message: Message = {
    role: 'assistant',
    content: [
      { type: 'reasoning', text: 'Let me.', carry: { field: 'reasoning_text' } },
      { type: 'text', text: 'Yes.' },
      { type: 'reasoning', text: '', carry: { opaque: 'b3BhcXVl' } },
    ],
  };
  assert.deepEqual(replayed(message, { reasoningReplay: 'field' }), {
    role: 'assistant',
    content: 'Yes.',
    reasoning_text: 'Let me.',
    reasoning_opaque: 'b3BhcXVl',
  });
});

test('reasoning_details of all blocks of a step go back as one array', () => {
  const text = { type: 'reasoning.text', text: 'Let me.', index: 0 };
  const signature = { type: 'reasoning.text', signature: 'c2ln', index: 0 };
  const encrypted = { type: 'reasoning.encrypted', data: 'AAAA', index: 1 };
  const message: Message = {
    role: 'assistant',
    content: [
      { type: 'reasoning', text: 'Let me.', carry: { details: [text] } },
      { type: 'text', text: 'Yes.' },
      { type: 'reasoning', text: '', carry: { details: [signature, encrypted] } },
    ],
  };
  assert.deepEqual(replayed(message, { reasoningReplay: 'details' }), {
    role: 'assistant',
    content: 'Yes.',
    reasoning_details: [{ ...text, signature: 'c2ln' }, encrypted],
  });
  assert.deepEqual(replayed(seen, { reasoningReplay: 'details' }), {
    role: 'assistant',
    content: 'Yes.',
    reasoning: 'Let me.',
  });
});

test('Mistral gets its thinking parts back in front of the text', () => {
  const message: Message = {
    role: 'assistant',
    content: [
      {
        type: 'reasoning',
        text: 'Let me.',
        carry: { thinking: { type: 'thinking', closed: true, signature: 'c2ln' } },
      },
      { type: 'text', text: 'Yes.' },
    ],
  };
  assert.deepEqual(replayed(message, { reasoningReplay: 'content_parts' }), {
    role: 'assistant',
    content: [
      {
        type: 'thinking',
        closed: true,
        signature: 'c2ln',
        thinking: [{ type: 'text', text: 'Let me.' }],
      },
      { type: 'text', text: 'Yes.' },
    ],
  });
});

test('thoughts from tags go back between tags', () => {
  const message: Message = {
    role: 'assistant',
    content: [
      { type: 'reasoning', text: 'Hm.\n', carry: { tags: true } },
      { type: 'text', text: 'Yes.' },
    ],
  };
  assert.deepEqual(replayed(message, { reasoningReplay: 'details' }), {
    role: 'assistant',
    content: '<think>\nHm.\n</think>\n\nYes.',
  });
});

test('a step of nothing but reasoning is left out', () => {
  const message: Message = {
    role: 'assistant',
    content: [{ type: 'reasoning', text: 'Hm.', carry: { field: 'reasoning' } }],
  };
  assert.equal(roles(messages([ask, message, ask], { reasoningReplay: 'field' })), 'user user');
});
