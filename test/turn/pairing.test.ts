import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type HistoryEntry, pairHistory } from '../../src/turn/pairing.ts';
import type { Message } from '../../src/turn/turn.ts';

const user = (text: string): HistoryEntry => ({ type: 'user', content: [{ type: 'text', text }] });
const system = (text: string): HistoryEntry => ({
  type: 'system',
  content: [{ type: 'text', text }],
});
const said = (text: string): HistoryEntry => ({ type: 'assistant', part: { type: 'text', text } });
const thought = (text: string): HistoryEntry => ({
  type: 'assistant',
  part: { type: 'reasoning', text, carry: undefined },
});
const call = (callId: string): HistoryEntry => ({
  type: 'assistant',
  part: { type: 'tool_call', callId, name: 'run', arguments: '{}' },
});
const result = (callId: string | undefined, text: string): HistoryEntry => ({
  type: 'result',
  callId,
  content: [{ type: 'text', text }],
});

function outline(messages: readonly Message[]): string[] {
  return messages.map((message) => {
    const parts = message.content.map((part) => {
      if (part.type === 'tool_call') return `call ${part.callId}`;
      if (part.type === 'reasoning') return `(${part.text})`;
      return part.type === 'text' ? part.text : '<image>';
    });
    return `${message.role}${message.role === 'tool' ? ` ${message.callId}` : ''}: ${parts.join(', ')}`;
  });
}

const paired = (...entries: HistoryEntry[]) => outline(pairHistory(entries));

describe('pairHistory', () => {
  it('makes one message of what the model did in one step', () => {
    assert.deepEqual(paired(user('q'), thought('t'), said('s'), call('a'), result('a', 'x')), [
      'user: q',
      'assistant: (t), s, call a',
      'tool a: x',
    ]);
  });

  it('keeps parallel calls together and their results in call order', () => {
    assert.deepEqual(paired(user('q'), call('a'), call('b'), result('b', '2'), result('a', '1')), [
      'user: q',
      'assistant: call a, call b',
      'tool a: 1',
      'tool b: 2',
    ]);
  });

  it('begins a new step after a result', () => {
    assert.deepEqual(
      paired(
        user('q'),
        call('a'),
        result('a', '1'),
        call('b'),
        result('b', '2'),
        said('end'),
        user('ok'),
      ),
      [
        'user: q',
        'assistant: call a',
        'tool a: 1',
        'assistant: call b',
        'tool b: 2',
        'assistant: end',
        'user: ok',
      ],
    );
  });

  it('moves text between a call and its output into the step', () => {
    assert.deepEqual(paired(user('q'), call('a'), said('meanwhile'), result('a', '1')), [
      'user: q',
      'assistant: call a, meanwhile',
      'tool a: 1',
    ]);
  });

  it('brings results forward over anything that came between', () => {
    assert.deepEqual(paired(user('q'), call('a'), system('rule'), user('hey'), result('a', '1')), [
      'user: q',
      'assistant: call a',
      'tool a: 1',
      'system: rule',
      'user: hey',
    ]);
    assert.deepEqual(
      paired(
        user('q'),
        call('a'),
        call('b'),
        result('a', '1'),
        said('later'),
        result('b', '2'),
        user('ok'),
      ),
      [
        'user: q',
        'assistant: call a, call b',
        'tool a: 1',
        'tool b: 2',
        'assistant: later',
        'user: ok',
      ],
    );
  });

  it('answers a call that has no output with "aborted"', () => {
    assert.deepEqual(paired(user('q'), call('a'), user('stop')), [
      'user: q',
      'assistant: call a',
      'tool a: aborted',
      'user: stop',
    ]);
  });

  it('keeps an output without a call as what the user says', () => {
    assert.deepEqual(paired(user('q'), result('zz', 'lost'), result(undefined, 'too')), [
      'user: q',
      'user: Output of an earlier tool call zz:, lost',
      'user: Output of an earlier tool call:, too',
    ]);
    assert.deepEqual(paired(user('q'), result('a', 'early'), call('a')), [
      'user: q',
      'user: Output of an earlier tool call a:, early',
      'assistant: call a',
      'tool a: aborted',
    ]);
  });

  it('makes repeated call ids unique, each with its own result', () => {
    assert.deepEqual(
      paired(
        user('q'),
        call('a'),
        result('a', '1'),
        call('a'),
        result('a', '2'),
        call('a_2'),
        result('a_2', '3'),
      ),
      [
        'user: q',
        'assistant: call a',
        'tool a: 1',
        'assistant: call a_2',
        'tool a_2: 2',
        'assistant: call a_2_2',
        'tool a_2_2: 3',
      ],
    );
    assert.deepEqual(paired(user('q'), call('a'), call('a'), result('a', '1'), result('a', '2')), [
      'user: q',
      'assistant: call a, call a_2',
      'tool a: 1',
      'tool a_2: 2',
    ]);
    assert.deepEqual(paired(user('q'), call('a'), user('stop'), call('a'), result('a', '2')), [
      'user: q',
      'assistant: call a',
      'tool a: aborted',
      'user: stop',
      'assistant: call a_2',
      'tool a_2: 2',
    ]);
    assert.deepEqual(paired(user('q'), call(''), result('', 'x')), [
      'user: q',
      'assistant: call call',
      'tool call: x',
    ]);
  });

  it('leaves out what is empty and says so where a tool gave nothing', () => {
    assert.deepEqual(
      paired(user('q'), said(''), said(' \n'), user(''), call('a'), result('a', '')),
      ['user: q', 'assistant: call a', 'tool a: (no output)'],
    );
    assert.deepEqual(paired(system(''), user('q')), ['user: q']);
    assert.deepEqual(paired(user('q'), said('a'), user(' '), said('b'), user('r')), [
      'user: q',
      'assistant: a, b',
      'user: r',
    ]);
  });

  it('drops reasoning that led to nothing', () => {
    assert.deepEqual(paired(user('q'), thought('t'), user('again')), ['user: q', 'user: again']);
  });

  it('never lets the assistant have the last word', () => {
    const goOn = 'user: Continue from where you stopped.';
    assert.deepEqual(paired(user('q'), said('half an ans')), [
      'user: q',
      'assistant: half an ans',
      goOn,
    ]);
    assert.deepEqual(paired(user('q'), said('half'), system('rule')), [
      'user: q',
      'assistant: half',
      'system: rule',
      goOn,
    ]);
    assert.deepEqual(paired(user('q'), call('a'), result('a', '1')).at(-1), 'tool a: 1');
  });

  it('asks what the last instruction says where there is nothing else', () => {
    assert.deepEqual(paired(system('be brief'), system('say hi')), [
      'system: be brief',
      'user: say hi',
    ]);
  });

  it('does not change what it was given', () => {
    const entries = Object.freeze(
      [user('q'), call('a'), call('a')].map((entry) => Object.freeze(entry)),
    );
    pairHistory(entries);
    assert.deepEqual(entries[1], call('a'));
  });
});
