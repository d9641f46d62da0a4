import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type CommandLine, commandLine } from '../support/command-line.js';

const MISTAKES: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['an unknown command', ['lead'], /unknown command 'lead'.*leader/],
  ['an unknown option', ['leader', '--bloc', '3'], /unknown option '--bloc'/],
  ['a block that is none', ['leader', '--at', '-3'], /'--at <block>' argument '-3' is invalid/],
  ['a missing option', ['submit', '--wallet', '//Alice'], /'--chain, --network <name.url>' not specified/],
  ['no repository', ['status'], /Which state repository/],
  ['a repository address with a password', ['status', '--remote', 'https://a:b@c.example/x'], /credentials/],
  ['a lighting that there is not', ['render', 'a.glb', '--lighting', 'moon@1'], /Allowed choices are/],
  ['an embedder that there is not', ['distance', 'a.png', 'b.png', '--embedder', 'clip'], /use descriptor-v1/],
];

describe('a usage error', () => {
  it.each(MISTAKES)('for %s is answered in one sentence with exit status 64', async (_, args, says) => {
    using user = commandLine();
    const { status, out, err } = await user.tiltyard(...args);
    expect([status, out]).toEqual([64, '']);
    expect(err).toMatch(/^tiltyard: [^\n]+\n$/);
    expect(err).toMatch(says);
  });

  it.each(MISTAKES)('for %s is one JSON object with --json', async (_, args, says) => {
    using user = commandLine();
    const ended = await user.tiltyard(...args, '--json');
    expect(ended.status).toBe(64);
    expect(ended.err).toBe('');
    expect(ended.json()).toEqual({ ok: false, code: expect.any(String), message: expect.stringMatching(says) });
  });
});

describe('what cannot be done', () => {
  it.each([
    ['file', ['status', '--remote', '/nowhere/at/all.git']],
    ['unreachable', ['status', '--remote', 'http://127.0.0.1:9/state.git']],
    ['file', ['render', 'missing.glb']],
    ['file', ['distance', 'missing.png', 'missing.png']],
    [
      'wallet_missing',
      [
        'submit',
        '--chain',
        'ws://127.0.0.1:9',
        '--wallet',
        'no/body',
        '--repo',
        'a/b',
        '--commit',
        'a'.repeat(40),
        '--cdn',
        'https://c.example',
      ],
    ],
    ['no_repository', ['audit', '.']],
  ])('ends with exit status 2 and the code %s', async (code, args) => {
    using user = commandLine();
    const ended = await user.tiltyard(...args, '--json');
    expect({ status: ended.status, ...ended.json() }).toMatchObject({ status: 2, ok: false, code });
  });
});

describe('a wallet that cannot be opened', () => {
  const submit = (user: CommandLine, ...wallet: readonly string[]) =>
    user.tiltyard(
      ...['submit', '--network', 'ws://127.0.0.1:9', '--repo', 'a/b', '--commit', 'a'.repeat(40)],
      ...['--cdn', 'https://c.example', ...wallet],
    );

  it('is named once, with where it was looked for and what to do', async () => {
    using user = commandLine();
    const root = user.file('wallets');
    const missing = await submit(user, '--wallet', 'mine/default', '--wallet-root', root);
    expect(missing.err).toBe(
      `tiltyard: No wallet mine/default in ${root}; create it with btcli or give --wallet-root\n`,
    );
    const file = await submit(user, '--wallet-file', 'key');
    expect(file.err).toBe(
      `tiltyard: No wallet at ${user.file('key')}; create it with btcli, or name one with --wallet NAME/HOTKEY\n`,
    );
    const folder = await submit(user, '--wallet-file', '.');
    expect(folder.err).toBe(`tiltyard: ${user.dir} cannot be read: it is a folder\n`);
  });

  it('because it is encrypted says how to give the password', async () => {
    using user = commandLine();
    writeFileSync(user.file('key'), Buffer.concat([Buffer.from('$NACL'), Buffer.alloc(100, 7)]));
    const ended = await submit(user, '--wallet-file', 'key');
    expect(ended).toMatchObject({
      status: 2,
      err: expect.stringMatching(/is encrypted; give --password-file, or set BT_PW_/),
    });
    const lost = await submit(user, '--wallet-file', 'key', '--password-file', 'nowhere');
    expect(lost.err).toBe('tiltyard: --password-file nowhere cannot be read (ENOENT); check its name\n');
  });
});
