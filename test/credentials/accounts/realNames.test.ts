import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { accountProviders } from '../../../src/credentials/accounts/credential.ts';
import { testScope } from '../../support/scope.ts';
import { setUpLogins } from '../logins/session.ts';

for (const provider of accountProviders) {
  test(`${provider}: a refresh is what its login service asks for, in our own name`, async (t) => {
    const { idp, home, accounts } = await setUpLogins(testScope(t));
    const refresh = idp.tokens.refreshToken(idp.tokens.begin());
    const login = { access: 'old', refresh, expires: 1, accountId: `${provider}-user` };
    writeFileSync(join(home, 'auth.json'), JSON.stringify({ [provider]: login }));

    const first = await accounts.token(provider);
    assert.ok(first.ok, first.ok ? '' : first.error.message);
    // The next one with what the first has brought.
    const second = await accounts.refused(provider, first.generation);
    assert.ok(second.ok, second.ok ? '' : second.error.message);

    assert.deepEqual(idp.faults, []);
    assert.equal(idp.count('token'), 2);
    assert.equal(idp.tokens.uses(refresh), 1);
    const [call] = idp.calls;
    assert.equal(call?.fields['grant_type'], 'refresh_token');
    const last = await accounts.token(provider);
    assert.ok(last.ok && last.token === second.token);
  });
}

test('xai: a team’s tokens are renewed in its name', async (t) => {
  const { idp, home, accounts } = await setUpLogins(testScope(t));
  const team = { principal_type: 'Team', principal_id: 'team-7' };
  for (const claims of [team, { ...team, principal_type: 'User' }]) {
    const refresh = idp.tokens.refreshToken(idp.tokens.begin());
    const login = { access: idp.tokens.jwt(claims), refresh, expires: 1 };
    writeFileSync(join(home, 'auth.json'), JSON.stringify({ xai: login }));
    assert.ok((await accounts.token('xai')).ok);
  }
  assert.deepEqual(
    idp.calls.map(({ fields }) => [fields['principal_type'], fields['principal_id']]),
    [
      ['Team', 'team-7'],
      [undefined, undefined],
    ],
  );
});
