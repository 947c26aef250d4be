import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { customInput } from '../../src/responses/customInput.ts';
import { InputPreview } from '../../src/responses/inputPreview.ts';
import { Random } from './random.ts';

const patch = [
  '*** Begin Patch',
  '*** Update File: a "b" \\ c.txt',
  '@@ def f():',
  ' context ```',
  '-old\tline {"x": 1}',
  '+new é 😀 line',
  '*** End Patch',
].join('\n');
const wrap = (value: unknown) => JSON.stringify(value);

describe('customInput: a patch', () => {
  const shapes: readonly [string, string][] = [
    ['as asked', wrap({ input: patch })],
    ['with line breaks around', wrap({ input: `\n${patch}\n` })],
    ['raw', patch],
    ['raw as a JSON string', wrap(patch)],
    ['under another name', wrap({ patch })],
    ['under another name, among others', wrap({ workdir: '/x', patch, explanation: 'why' })],
    ['in an inner object', wrap({ input: { patch } })],
    ['encoded twice', wrap({ input: wrap({ input: patch }) })],
    ['encoded three times', wrap(wrap({ input: wrap({ patch }) }))],
    ['as a JSON string in the string', wrap({ input: wrap(patch) })],
    ['in a fence', wrap({ input: `\`\`\`\n${patch}\n\`\`\`` })],
    [
      'in a named fence with talk around',
      wrap({ input: `Here it is:\n\`\`\`diff\n${patch}\n\`\`\`\nDone.` }),
    ],
    ['raw in a fence', `\`\`\`patch\n${patch}\n\`\`\`\n`],
    ['in a heredoc', wrap({ input: `apply_patch <<'EOF'\n${patch}\nEOF` })],
    [
      'in a heredoc with a directory',
      wrap({ input: `cd /tmp && apply_patch <<"PATCH"\n${patch}\nPATCH\n` }),
    ],
    ['as a shell argument', wrap({ input: `apply_patch '${patch}'` })],
    ['as a command array', wrap({ command: ['apply_patch', patch] })],
    [
      'as a shell command array',
      wrap({ command: ['bash', '-lc', `apply_patch <<'EOF'\n${patch}\nEOF\n`] }),
    ],
    ['as an array', wrap({ input: ['apply_patch', patch] })],
    [
      'with real line breaks in the JSON',
      `{"input":"${patch.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"}`,
    ],
    ['with escaped line breaks', wrap({ input: wrap(patch).slice(1, -1) })],
    [
      'with escaped line breaks and plain quotes',
      wrap({ input: wrap(patch).slice(1, -1).replaceAll('\\"', '"') }),
    ],
    [
      'with spaces at the marks',
      wrap({
        input: patch.replace('Begin Patch', 'Begin Patch  ').replace('*** End', '  *** End'),
      }),
    ],
  ];
  for (const [name, text] of shapes)
    it(`is found ${name}`, () => {
      assert.equal(customInput('apply_patch', text), patch);
    });

  it('that holds marks in its lines stays whole', () => {
    const about = [
      '*** Begin Patch',
      '*** Add File: doc.md',
      '+*** Begin Patch',
      '+*** End Patch',
      '+```',
      '*** End Patch',
    ].join('\n');
    assert.equal(customInput('apply_patch', wrap({ input: about })), about);
    assert.equal(customInput('apply_patch', wrap({ input: `\`\`\`\n${about}\n\`\`\`` })), about);
  });

  it('in two parts is joined', () => {
    const one = (file: string) => `*** Begin Patch\n*** Delete File: ${file}\n*** End Patch`;
    assert.equal(
      customInput('apply_patch', wrap({ input: `${one('a')}\n\n${one('b')}` })),
      '*** Begin Patch\n*** Delete File: a\n*** Delete File: b\n*** End Patch',
    );
  });

  it('that was cut is not completed', () => {
    const cut = patch.slice(0, 60);
    assert.equal(customInput('apply_patch', wrap({ input: cut })), cut);
    assert.equal(customInput('apply_patch', `{"input":${wrap(cut).slice(0, -1)}`), cut);
  });

  it('that is none is left to Codex to refuse', () => {
    for (const text of ['', 'hello', '--- a/x\n+++ b/x'])
      assert.equal(customInput('apply_patch', wrap({ input: text })), text);
    assert.equal(customInput('apply_patch', '{}'), '{}');
    assert.equal(customInput('apply_patch', '5'), '5');
  });
});

describe('customInput: another tool', () => {
  const script = 'const p = "*** Begin Patch\\n*** End Patch";\nawait tools.apply_patch(p); // ```';

  it('gets its text unchanged, marks of a patch included', () => {
    assert.equal(customInput('exec', wrap({ input: script })), script);
    assert.equal(customInput('exec', script), script);
  });

  it('gets its text out of a fence that is all there is', () => {
    assert.equal(customInput('exec', wrap({ input: '```js\nlet a = 1;\n```' })), 'let a = 1;');
    const two = '```js\na\n```\nthen\n```js\nb\n```';
    assert.equal(customInput('exec', wrap({ input: two })), two);
  });

  it('may take JSON as its text', () => {
    assert.equal(customInput('query', wrap({ input: '{"a":"b"}' })), '{"a":"b"}');
  });
});

describe('InputPreview', () => {
  it('reads the string from any pieces', () => {
    const random = new Random(7);
    for (let round = 0; round < 300; round += 1) {
      const text = random.text(20);
      const spaced = random.chance(50)
        ? ` { "input" : ${JSON.stringify(text)} }`
        : JSON.stringify({ input: text });
      const json = random.chance(30)
        ? spaced.replaceAll(
            /[é漢]/g,
            (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
          )
        : spaced;
      const preview = new InputPreview();
      const read = random
        .pieces(json)
        .map((piece) => preview.push(piece))
        .join('');
      assert.equal(read, text);
      assert.ok(preview.finished);
    }
  });

  it('gives nothing for what does not begin like that', () => {
    for (const text of [
      '{"patch":"x"}',
      '*** Begin Patch',
      '["input"]',
      `{${' '.repeat(100)}"input":"x"}`,
    ]) {
      const preview = new InputPreview();
      assert.equal([...text].map((char) => preview.push(char)).join(''), '');
    }
  });
});
