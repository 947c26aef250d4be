import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { opencodexHome } from '../../src/config/home.ts';

const homeVariable = process.platform === 'win32' ? 'USERPROFILE' : 'HOME';
const user = resolve('/users/me');

describe('opencodexHome', () => {
  it("is .opencodex in the user's home", () => {
    assert.equal(opencodexHome({ [homeVariable]: user }), join(user, '.opencodex'));
    assert.equal(opencodexHome({}), join(homedir(), '.opencodex'));
  });

  it('is what OPENCODEX_HOME says, absolute and with the tilde expanded', () => {
    const of = (value: string) => opencodexHome({ [homeVariable]: user, OPENCODEX_HOME: value });
    assert.equal(of(join(user, 'other')), join(user, 'other'));
    assert.equal(of('~/mine'), join(user, 'mine'));
    assert.equal(of('~'), user);
    assert.equal(of('relative'), resolve('relative'));
    assert.equal(of(''), join(user, '.opencodex'));
  });
});
