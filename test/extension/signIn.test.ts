import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import type { ApiAnswer } from '../../src/link/api.ts';
import { testScope } from '../support/scope.ts';
import { editor } from '../support/vscode.ts';
import { type FakeAnswers, flowParts } from './flow.ts';

const { signIn, signOut } = await import('../../src/vscode/signIn/signIn.ts');
const { ApiFailure } = await import('../../src/vscode/management.ts');

type Account = ApiAnswer<'GET /api/oauth/providers'>['providers'][number];
type Login = ApiAnswer<'GET /api/oauth/status'>;

const grok: Account = {
  id: 'grok',
  label: 'Grok',
  flows: ['device'],
  notice: {
    version: 3,
    text: 'The terms do not mention programs like this one.',
    link: 'https://grok.example/terms',
    everyTime: false,
    keyFirst: false,
  },
  loggedIn: false,
  needsLogin: false,
};

const waiting: Login = {
  provider: 'grok',
  status: 'waiting',
  canPaste: false,
  url: 'https://grok.example/device',
  userCode: 'WXYZ-1234',
};
const done: Login = {
  provider: 'grok',
  status: 'done',
  canPaste: false,
  account: 'ada@example.com',
};
const ended = (status: Login['status'], message?: string): Login => ({
  provider: 'grok',
  status,
  canPaste: false,
  ...(message !== undefined && { message }),
});

type Step = Login | Error;

/** The login is at each of these in turn, and stays at the last. */
function answers(steps: readonly Step[], change: FakeAnswers = {}): FakeAnswers {
  let asked = 0;
  return {
    'GET /api/oauth/providers': () => ({ providers: [grok] }),
    'POST /api/oauth/login': () => waiting,
    'GET /api/oauth/status': () => {
      const step = steps[Math.min(asked++, steps.length - 1)] ?? assert.fail('no step');
      if (step instanceof Error) throw step;
      return step;
    },
    'POST /api/oauth/cancel': () => ended('cancelled'),
    ...change,
  };
}

const rejections: unknown[] = [];
const note = (reason: unknown): void => void rejections.push(reason);

beforeEach(() => {
  // Half a second between two looks is no half second here.
  mock.timers.enable({ apis: ['setTimeout'] });
  process.on('unhandledRejection', note);
  rejections.length = 0;
});
afterEach(async () => {
  mock.timers.reset();
  await new Promise(setImmediate);
  process.off('unhandledRejection', note);
  assert.deepEqual(rejections, []);
});

/** Lets the time pass until it has ended. */
async function passing(flow: Promise<void>): Promise<void> {
  let over = false;
  const end = flow.finally(() => {
    over = true;
  });
  end.catch(() => {});
  while (!over) {
    await new Promise(setImmediate);
    mock.timers.tick(500);
  }
  return end;
}

const agrees = () => {
  editor.press = ({ buttons }) => buttons.find((button) => button === 'Sign In');
};
const texts = () => editor.messages.map(({ text }) => text);

test('nothing starts before the notice has been agreed to', async (t) => {
  const parts = await flowParts(testScope(t), { answers: answers([done]) });
  await passing(signIn(parts, 'grok'));
  assert.deepEqual(
    parts.asked.map(({ name }) => name),
    ['GET /api/oauth/providers'],
  );
  assert.match(texts()[0] ?? '', /Sign in to Grok/);
});

test('the terms can be read before the answer', async (t) => {
  const parts = await flowParts(testScope(t), { answers: answers([done]) });
  const buttons = ['Read the Terms', 'Sign In'];
  editor.press = (message) =>
    message.buttons.includes('Read the Terms') ? buttons.shift() : undefined;
  await passing(signIn(parts, 'grok'));
  assert.match(editor.opened.join(), /^https:\/\/grok\.example\/terms/);
  assert.deepEqual(parts.asked[1]?.input, { provider: 'grok', remote: false, acceptedNotice: 3 });
});

test('the code is shown, copied and its page opened, and then who signed in', async (t) => {
  const parts = await flowParts(testScope(t), { answers: answers([waiting, done]) });
  let pressed = false;
  editor.press = ({ buttons }) => {
    if (buttons.includes('Sign In')) return 'Sign In';
    if (pressed || !buttons.includes('Copy Code and Open')) return undefined;
    pressed = true;
    return 'Copy Code and Open';
  };
  await passing(signIn(parts, 'grok'));
  assert.equal(editor.clipboard, 'WXYZ-1234');
  assert.match(editor.opened[0] ?? '', /grok\.example\/device/);
  assert.equal(texts().at(-1), 'Signed in to Grok (ada@example.com).');
});

test('a code that is pasted is sent, a refusal stays in the box, and an empty line is nothing', async (t) => {
  const browser: Login = { provider: 'grok', status: 'waiting', canPaste: true, url: waiting.url };
  let over = false;
  const parts = await flowParts(testScope(t), {
    answers: answers([], {
      'POST /api/oauth/login': () => browser,
      'GET /api/oauth/status': () => (over ? done : browser),
      'POST /api/oauth/paste': ({ text }) => {
        if (text !== 'right') throw new ApiFailure(400, 'That is no code.');
        over = true;
        return done;
      },
    }),
  });
  agrees();
  const said: (string | undefined)[] = [];
  const typed = ['wrong', 'right'];
  editor.type = ({ validationMessage }) => {
    said.push(validationMessage);
    return typed.shift();
  };
  await passing(signIn(parts, 'grok'));
  assert.deepEqual(said, [undefined, 'That is no code.']);

  over = false;
  const asked = parts.asked.length;
  editor.type = () => '  ';
  editor.cancels = true;
  await passing(signIn(parts, 'grok'));
  assert.ok(!parts.asked.slice(asked).some(({ name }) => name === 'POST /api/oauth/paste'));
});

test('a code whose login is over leads nowhere', async (t) => {
  const parts = await flowParts(testScope(t), { answers: answers([done]) });
  const late = Promise.withResolvers<string>();
  editor.press = ({ buttons }) => (buttons.includes('Sign In') ? 'Sign In' : late.promise);
  await passing(signIn(parts, 'grok'));
  late.resolve('Copy Code and Open');
  await new Promise(setImmediate);
  assert.deepEqual(editor.opened, []);
  assert.equal(editor.clipboard, '');
});

test('a login that failed says why', async (t) => {
  const parts = await flowParts(testScope(t), {
    answers: answers([ended('failed', 'Grok: the login was declined.')]),
  });
  agrees();
  await assert.rejects(passing(signIn(parts, 'grok')), /^Error: Grok: the login was declined\.$/);
});

test('a proxy that is away for a moment does not end the login', async (t) => {
  const away = new ApiFailure(503, 'The proxy is not running. Start it first.');
  const parts = await flowParts(testScope(t), {
    answers: answers([waiting, away, away, waiting, away, done]),
  });
  agrees();
  await passing(signIn(parts, 'grok'));
  assert.equal(texts().at(-1), 'Signed in to Grok (ada@example.com).');
});

test('a proxy that stays away ends it, and so does one that knows no such login', async (t) => {
  for (const failure of [
    new ApiFailure(503, 'The proxy is not running. Start it first.'),
    new ApiFailure(404, 'No login to Grok was started here. Start it again.'),
  ]) {
    const parts = await flowParts(testScope(t), { answers: answers([failure]) });
    agrees();
    await assert.rejects(passing(signIn(parts, 'grok')), { message: failure.message });
    const looks = parts.asked.filter(({ name }) => name === 'GET /api/oauth/status').length;
    assert.equal(looks, failure.status === 404 ? 1 : 21);
  }
});

test('who cancels hears no more of it', async (t) => {
  const parts = await flowParts(testScope(t), { answers: answers([waiting]) });
  agrees();
  editor.cancels = true;
  await passing(signIn(parts, 'grok'));
  assert.deepEqual(parts.asked.at(-1)?.input, { provider: 'grok' });
  assert.ok(!texts().some((text) => text.startsWith('Signed in')));
});

test('a cancel that nobody answers ends the login all the same', async (t) => {
  const parts = await flowParts(testScope(t), {
    answers: answers([waiting], {
      'POST /api/oauth/cancel': () => {
        throw new ApiFailure(503, 'The proxy is not running. Start it first.');
      },
    }),
  });
  agrees();
  editor.cancels = true;
  await passing(signIn(parts, 'grok'));
  assert.ok(!texts().some((text) => text.includes('not running')));
});

test('a cancel that comes too late lets the login end', async (t) => {
  const parts = await flowParts(testScope(t), {
    answers: answers([ended('finishing'), done], {
      'POST /api/oauth/cancel': () => ended('finishing'),
    }),
  });
  agrees();
  editor.cancels = true;
  await passing(signIn(parts, 'grok'));
  assert.equal(texts().at(-1), 'Signed in to Grok (ada@example.com).');
});

for (const { what, replaces, button, kind } of [
  { what: 'could not be stored', replaces: false, button: 'Try Again', kind: 'error' },
  { what: 'would end another one', replaces: true, button: 'Replace', kind: 'warning' },
]) {
  test(`a login that ${what} is stored as soon as the user says so`, async (t) => {
    const reason = 'auth.json is in the way.';
    const results: Login[] = [{ ...ended('unsaved', reason), replaces }, done];
    const parts = await flowParts(testScope(t), {
      answers: answers([{ ...ended('unsaved', reason), replaces }], {
        'POST /api/oauth/save': () => results.shift() ?? assert.fail('saved too often'),
      }),
    });
    editor.press = ({ buttons }) => buttons.find((one) => one === 'Sign In' || one === button);
    await passing(signIn(parts, 'grok'));
    const problems = editor.messages.filter(({ text }) => text === reason);
    assert.deepEqual(problems, Array(2).fill({ kind, text: reason, buttons: [button] }));
    assert.deepEqual(
      parts.asked.filter(({ name }) => name === 'POST /api/oauth/save').map(({ input }) => input),
      Array(2).fill({ provider: 'grok', replace: replaces }),
    );
    assert.equal(texts().at(-1), 'Signed in to Grok (ada@example.com).');
  });
}

test('a login that could not be stored does not wait where nobody tries again', async (t) => {
  const parts = await flowParts(testScope(t), { answers: answers([ended('unsaved', 'No.')]) });
  agrees();
  await passing(signIn(parts, 'grok'));
  assert.equal(parts.asked.at(-1)?.name, 'POST /api/oauth/cancel');
});

test('a login that is off is not started; the file that allows it is a click away', async (t) => {
  const off = { ...grok, forbidden: 'Grok: the account login is off.' };
  const parts = await flowParts(testScope(t), {
    answers: answers([done], { 'GET /api/oauth/providers': () => ({ providers: [off] }) }),
  });
  editor.press = ({ buttons }) => buttons[0];
  await passing(signIn(parts, 'grok'));
  assert.deepEqual(editor.messages, [
    { kind: 'warning', text: 'Grok: the account login is off.', buttons: ['Open Config File'] },
  ]);
  assert.deepEqual(editor.executed, ['opencodex.openConfig']);
  assert.equal(parts.asked.length, 1);
});

test('only accounts that are signed in can be signed out', async (t) => {
  const nobody = await flowParts(testScope(t), { answers: answers([done]) });
  await signOut(nobody);
  assert.deepEqual(texts(), ['You are not signed in to any account.']);

  const parts = await flowParts(testScope(t), {
    answers: {
      'GET /api/oauth/providers': () => ({
        providers: [grok, { ...grok, id: 'kimi', label: 'Kimi', loggedIn: true, account: 'me' }],
      }),
      'POST /api/oauth/logout': () => ({ message: 'Kimi: logged out.' }),
    },
  });
  const offered: string[] = [];
  editor.pick = (items) => {
    offered.push(...items.map(({ label }) => label));
    return items[0];
  };
  await signOut(parts);
  assert.deepEqual(offered, ['Kimi']);
  assert.deepEqual(parts.asked.at(-1)?.input, { provider: 'kimi' });
  assert.deepEqual(texts(), ['Kimi: logged out.']);
});
