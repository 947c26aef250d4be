import assert from 'node:assert/strict';
import { it } from 'node:test';
import { modelAgnostic } from '../../src/responses/identity.ts';

it('replaces the sentences with which Codex’s base prompts name a GPT model, and nothing else', () => {
  const cases: readonly [string, string][] = [
    [
      'You are Codex, an agent based on GPT-6. You and the user',
      'You are Codex, an agent. You and the user',
    ],
    [
      'You are Codex, a coding agent based on GPT-5.1-codex-max. You',
      'You are Codex, a coding agent. You',
    ],
    [
      'You are Codex, based on GPT-5. You are running',
      'You are Codex, a coding agent. You are running',
    ],
    [
      'You are GPT-5.2 running in the Codex CLI, a terminal',
      'You are a coding agent running in the Codex CLI, a terminal',
    ],
    ['intro\n\nYou are Codex, an agent based on GPT-6. x', 'intro\n\nYou are Codex, an agent. x'],
  ];
  for (const [from, to] of cases) {
    assert.equal(modelAgnostic(from), to);
    assert.equal(modelAgnostic(to), to, 'a second time changes nothing');
  }
  for (const text of [
    '',
    'Use GPT-5 for this.',
    'He said: You are Codex, an agent based on GPT-6.',
    'You are a coding agent running in the Codex CLI.',
  ])
    assert.equal(modelAgnostic(text), text);
});
