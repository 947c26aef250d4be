import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { LineInput } from '../../src/cli/lineInput.ts';

/** A terminal's keyboard: what is typed in raw mode is not shown. */
class Keyboard extends PassThrough {
  readonly isTTY = true;
  readonly modes: boolean[] = [];

  setRawMode(raw: boolean): void {
    this.modes.push(raw);
  }
}

test('a secret is read in raw mode, which ends with it, and its typing errors are mended', async () => {
  const keyboard = new Keyboard();
  const input = new LineInput(keyboard);
  const secret = input.readSecret();
  assert.deepEqual(keyboard.modes, [true]);
  keyboard.write('sk-wrom\u007fng\u001b\r');
  assert.equal(await secret, 'sk-wrong');
  assert.deepEqual(keyboard.modes, [true, false]);
  keyboard.write('visible\n');
  assert.equal(await input.read(), 'visible');
  assert.deepEqual(keyboard.modes, [true, false]);
  input.close();
});

test('a secret that is piped in is a line like any other; at the end there is none', async () => {
  const pipe = new PassThrough();
  const input = new LineInput(pipe);
  pipe.end('first\r\nsecond\n');
  assert.equal(await input.readSecret(), 'first');
  assert.equal(await input.readSecret(), 'second');
  assert.equal(await input.readSecret(), undefined);
  input.close();
});
