// Another extension with a language model of its own, which also asks those of OpenCodex, as any
// other extension may. What it saw goes into files of the folder MODEL_FRIEND.
const { appendFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const vscode = require('vscode');

const folder = process.env.MODEL_FRIEND ?? '.';

const model = {
  id: 'friend-1',
  name: 'Friend One',
  family: 'friend',
  version: '1',
  maxInputTokens: 50_000,
  maxOutputTokens: 4_000,
  capabilities: { toolCalling: true, imageInput: false },
};

/** Writes a file by Codex's tool, and then says that it is done. */
const provider = {
  provideLanguageModelChatInformation: (options) =>
    options.configuration === undefined ? [model] : [],
  async provideLanguageModelChatResponse(_model, messages, options, progress, token) {
    const last = messages.at(-1);
    const seen = {
      roles: messages.map(({ role }) => role),
      tools: (options.tools ?? []).map(({ name }) => name),
    };
    appendFileSync(join(folder, 'friend.jsonl'), `${JSON.stringify(seen)}\n`);
    const said = last.content
      .map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : ''))
      .join('');
    if (said.includes('Wait for ever')) {
      progress.report(new vscode.LanguageModelTextPart('Waiting.'));
      await new Promise((resolve) => token.onCancellationRequested(resolve));
      writeFileSync(join(folder, 'cancelled'), '');
      return;
    }
    const answered = last.content.some(
      (part) => part instanceof vscode.LanguageModelToolResultPart,
    );
    if (answered) {
      progress.report(new vscode.LanguageModelTextPart('It is '));
      progress.report(new vscode.LanguageModelTextPart('written.'));
      return;
    }
    const input = { cmd: 'echo by a friend > friend.txt' };
    progress.report(new vscode.LanguageModelTextPart('I write it.'));
    progress.report(new vscode.LanguageModelToolCallPart('call-1', 'exec_command', input));
  },
  provideTokenCount: async (_model, text) => String(text).length,
};

const look = {
  name: 'look',
  description: 'Looks at something.',
  inputSchema: { type: 'object', properties: { at: { type: 'string' } }, required: ['at'] },
};

/** A turn with a call of a tool, its result, and the answer. */
async function askOurs() {
  const models = await vscode.lm.selectChatModels({ vendor: 'opencodex' });
  const found = models.find(({ id }) => id.endsWith('sim/sim-1'));
  const { User, Assistant } = vscode.LanguageModelChatMessage;
  const messages = [User('Look at the sky')];
  const steps = [];
  for (let step = 0; step < 2; step += 1) {
    const response = await found.sendRequest(messages, { tools: [look] });
    const parts = [];
    for await (const part of response.stream) parts.push(part);
    const calls = parts.filter((part) => part instanceof vscode.LanguageModelToolCallPart);
    const texts = parts.filter((part) => part instanceof vscode.LanguageModelTextPart);
    steps.push({ text: texts.map(({ value }) => value).join(''), calls });
    messages.push(Assistant([...texts, ...calls]));
    for (const { callId } of calls) {
      const result = [new vscode.LanguageModelTextPart('blue')];
      messages.push(User([new vscode.LanguageModelToolResultPart(callId, result)]));
    }
  }
  const tokens = await found.countTokens('How many tokens are these?');
  return {
    models: models.map(({ id }) => id),
    maxInputTokens: found.maxInputTokens,
    steps,
    tokens,
  };
}

exports.activate = ({ subscriptions }) => {
  subscriptions.push(
    vscode.lm.registerLanguageModelChatProvider('friend', provider),
    vscode.commands.registerCommand('modelFriend.ask', async () => {
      const answer = await askOurs().catch((thrown) => ({ error: String(thrown) }));
      writeFileSync(join(folder, 'asked.json'), JSON.stringify(answer));
    }),
  );
};
