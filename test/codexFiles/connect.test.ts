import assert from 'node:assert/strict';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { parse } from 'smol-toml';
import {
  type ConnectOptions,
  connectCodex,
  connectionState,
  disconnectCodex,
  previewConnection,
} from '../../src/codex/connect.ts';
import { codexHome } from '../../src/codex/home.ts';
import { arrive, leave } from '../../src/codex/stay.ts';

const root = await mkdtemp(join(tmpdir(), 'ocx-connect-'));
const chatgptLogin = JSON.stringify({
  auth_mode: 'chatgpt',
  tokens: { access_token: 'jwt', refresh_token: 'r', account_id: 'a' },
});

describe('connecting Codex', () => {
  let options: ConnectOptions;
  let path = '';
  let count = 0;
  beforeEach(() => {
    const folder = join(root, `${count++}`);
    options = {
      codexHome: join(folder, 'codex'),
      home: join(folder, 'opencodex'),
      port: 10100,
      token: 'canary-token',
    };
    path = join(options.codexHome, 'config.toml');
  });
  after(() => rm(root, { recursive: true }));

  const given = async (text: string | Uint8Array, mode = 0o644) => {
    await mkdir(options.codexHome, { recursive: true });
    await writeFile(path, text);
    await chmod(path, mode);
  };
  const text = () => readFile(path, 'utf8');
  const mode = async () => (await stat(path)).mode & 0o777;
  const done = async (outcome: ReturnType<typeof connectCodex>) => {
    const result = await outcome;
    assert.ok(result.ok, result.ok ? '' : result.message);
    return result;
  };

  it('keeps the file for the owner alone while it holds the token, and gives bytes and mode back', async () => {
    const original = 'model = "a"\r\n[tui]\r\nnotifications = true';
    await given(original);
    assert.deepEqual(await connectionState(options), { kind: 'disconnected' });
    assert.equal((await done(connectCodex(options))).changed, true);
    assert.equal(await mode(), 0o600);
    assert.deepEqual(await connectionState(options), { kind: 'connected', upToDate: true });
    const backup = join(options.codexHome, 'config.toml.opencodex-backup');
    assert.equal(await readFile(backup, 'utf8'), original);
    assert.equal((await stat(backup)).mode & 0o777, 0o600);
    assert.equal((await done(disconnectCodex(options))).changed, true);
    assert.equal(await text(), original);
    assert.equal(await mode(), 0o644);
    assert.deepEqual(await readdir(options.codexHome), ['config.toml']);
    assert.deepEqual(await readdir(options.home), []);
  });

  it('does nothing the second time, but narrows permissions that grew', async () => {
    await given('model = "a"\n');
    await done(connectCodex(options));
    const before = await stat(path);
    assert.equal((await done(connectCodex(options))).changed, false);
    assert.equal((await stat(path)).ino, before.ino);
    await chmod(path, 0o644);
    assert.equal((await done(connectCodex(options))).changed, true);
    assert.equal(await mode(), 0o600);
  });

  it('makes a missing folder and takes it away again', async () => {
    await done(connectCodex(options));
    assert.equal((await stat(options.codexHome)).mode & 0o777, 0o700);
    assert.equal(parse(await text())['model_provider'], 'opencodex');
    await done(disconnectCodex(options));
    await assert.rejects(stat(options.codexHome), { code: 'ENOENT' });
  });

  it('leaves a folder that it made when Codex has put something there', async () => {
    await done(connectCodex(options));
    await writeFile(join(options.codexHome, 'history.jsonl'), '');
    await done(disconnectCodex(options));
    assert.deepEqual(await readdir(options.codexHome), ['history.jsonl']);
  });

  it('takes only the file away where the folder was there', async () => {
    await mkdir(options.codexHome, { recursive: true });
    await done(connectCodex(options));
    await done(disconnectCodex(options));
    assert.deepEqual(await readdir(options.codexHome), []);
  });

  it('leaves an empty file that was there', async () => {
    await given('');
    await done(connectCodex(options));
    await done(disconnectCodex(options));
    assert.equal(await text(), '');
  });

  it('keeps a file that it made when others have written into it', async () => {
    await done(connectCodex(options));
    await writeFile(path, `${await text()}\n[tui]\nnotifications = true\n`);
    await done(disconnectCodex(options));
    assert.equal(await text(), '\n[tui]\nnotifications = true\n');
  });

  it('relays a ChatGPT login and follows a change of the login', async () => {
    await given('model = "a"\n');
    await done(connectCodex(options));
    assert.match(await text(), /^experimental_bearer_token = "canary-token"$/m);
    await writeFile(join(options.codexHome, 'auth.json'), chatgptLogin);
    assert.deepEqual(await connectionState(options), { kind: 'connected', upToDate: false });
    await done(connectCodex(options));
    assert.match(await text(), /^requires_openai_auth = true$/m);
    assert.match(await text(), /^http_headers = \{ "x-opencodex-token" = "canary-token" \}$/m);
    assert.doesNotMatch(await text(), /bearer/);
    await done(disconnectCodex(options));
    assert.equal(await text(), 'model = "a"\n');
  });

  it('writes the file behind a symlink', async () => {
    await mkdir(options.codexHome, { recursive: true });
    const real = join(options.codexHome, '..', 'dotfiles.toml');
    await writeFile(real, 'model = "a"\n');
    await symlink(real, path);
    await done(connectCodex(options));
    assert.equal(await readlink(path), real);
    await done(disconnectCodex(options));
    assert.equal(await readFile(real, 'utf8'), 'model = "a"\n');
    assert.equal(await readlink(path), real);
  });

  it('keeps a backup as long as it holds what the file does not', async () => {
    await given('model = "a"\n');
    await done(connectCodex(options));
    await writeFile(path, `# later\n${await text()}`);
    await done(disconnectCodex(options));
    assert.equal(await text(), '# later\nmodel = "a"\n');
    assert.deepEqual((await readdir(options.codexHome)).toSorted(), [
      'config.toml',
      'config.toml.opencodex-backup',
    ]);
  });

  it('can leave its provider for earlier threads', async () => {
    await given('model = "a"\n');
    await done(connectCodex(options));
    await done(disconnectCodex({ ...options, keepProvider: true }));
    assert.deepEqual(await connectionState(options), { kind: 'dormant' });
    assert.equal(await mode(), 0o600);
    await done(disconnectCodex(options));
    assert.equal(await text(), 'model = "a"\n');
    assert.equal(await mode(), 0o644);
  });

  it('has nothing to take back where nothing was connected', async () => {
    assert.equal((await done(disconnectCodex(options))).changed, false);
    await given('model = "a"\n');
    assert.equal((await done(disconnectCodex(options))).changed, false);
    assert.equal(await mode(), 0o644);
  });

  it('refuses a file that it cannot read, says where, and leaves it alone', async () => {
    for (const [bytes, message] of [
      [
        'model = "a"\nmodel = "b"\n',
        /config\.toml, line 2, column \d+: .* The file was not changed\.$/,
      ],
      [Uint8Array.of(0x23, 0xff), /config\.toml is not UTF-8 text/],
    ] as const) {
      await given(bytes);
      const outcomes = [
        await connectCodex(options),
        await disconnectCodex(options),
        await previewConnection(options),
      ];
      for (const outcome of outcomes) {
        assert.ok(!outcome.ok);
        assert.match(outcome.message, message);
      }
      const state = await connectionState(options);
      assert.ok(state.kind === 'unreadable');
      assert.match(state.message, message);
      assert.deepEqual(await readFile(path), Buffer.from(bytes));
      assert.deepEqual(await readdir(options.codexHome), ['config.toml']);
    }
  });

  it('says what failed when the place cannot be written', async () => {
    await mkdir(join(options.codexHome, '..'), { recursive: true });
    await writeFile(options.codexHome, 'a file where the folder should be');
    const outcome = await connectCodex(options);
    assert.ok(!outcome.ok);
    assert.match(outcome.message, /config\.toml cannot be read/);
  });

  it('shows what it would write, without the token', async () => {
    await given('model = "a"\nmodel_catalog_json = "x.json"\n');
    const preview = await previewConnection(options);
    assert.ok(preview.ok);
    assert.equal(preview.before, await text());
    assert.match(preview.after, /^experimental_bearer_token = "\(local access token\)"$/m);
    assert.doesNotMatch(JSON.stringify(preview), /canary/);
    assert.equal(preview.warnings.length, 1);
    assert.match(preview.warnings[0] ?? '', /model_catalog_json/);
    await done(connectCodex(options));
    assert.equal((await text()).replace('canary-token', '(local access token)'), preview.after);
  });

  it('comes back after an exit, if not at the first start, then at the next', async () => {
    await given('model = "a"\n');
    await done(connectCodex(options));
    const connected = await text();
    assert.equal(await leave(options), true);
    const left = await text();
    await writeFile(path, 'model = \n');
    await arrive(options);
    await writeFile(path, left);
    await arrive(options);
    assert.equal(await text(), connected);
  });

  it('loses nothing when many connect and disconnect at once', async () => {
    await given('# mine\nmodel = "a"\n');
    await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        done(n % 2 === 0 ? connectCodex(options) : disconnectCodex(options)),
      ),
    );
    await done(disconnectCodex(options));
    assert.equal(await text(), '# mine\nmodel = "a"\n');
  });
});

describe('codexHome', () => {
  it("is what CODEX_HOME says, else .codex in the user's home", () => {
    const user = process.platform === 'win32' ? 'USERPROFILE' : 'HOME';
    assert.equal(codexHome({ CODEX_HOME: join(root, 'c') }), join(root, 'c'));
    assert.equal(codexHome({ [user]: root }), join(root, '.codex'));
  });
});
