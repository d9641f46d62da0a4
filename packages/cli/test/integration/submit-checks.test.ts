import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { walletFromUri } from '@tiltyard/chain';
import { type Devnet, startDevnet } from '@tiltyard/devnet';
import { Secret } from '@tiltyard/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandLine, commandLine } from '../support/command-line.js';
import { emptyRemote, promptPool } from '../support/git.js';
import { COMPETITION_OPTIONS, LEADER_OPTIONS } from '../support/new-competition.js';

/** An address that is public and is only looked at, never connected to. */
const PUBLIC_CDN = 'http://1.1.1.1/r7';

describe('what submit checks before anything goes on chain', () => {
  const sources = commandLine();
  let user: CommandLine;
  let devnet: Devnet;
  let on: readonly string[];
  let good: string;
  let bare: string;

  /** A commit of a miner's repository, pushed to where `owner/name` lies. */
  const push = (name: string, files: Readonly<Record<string, string>>): string => {
    const dir = sources.file(`work-${name}`);
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(`${dir}/${file.split('/').slice(0, -1).join('/')}`, { recursive: true });
      writeFileSync(`${dir}/${file}`, text);
    }
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-C', dir, '-c', 'user.name=miner', '-c', 'user.email=m@miner.invalid', ...args], {
        encoding: 'utf8',
      }).trim();
    git('init', '--quiet', '--initial-branch=main');
    git('add', '--all');
    git('commit', '--quiet', '--message', 'solution');
    mkdirSync(sources.file('me'), { recursive: true });
    git('push', '--quiet', emptyRemote(sources, `me/${name}.git`), 'main');
    return git('rev-parse', 'HEAD');
  };

  beforeAll(async () => {
    good = push('solution', { 'docker/Dockerfile': 'FROM scratch\n', 'README.md': 'mine\n' });
    bare = push('bare', { Dockerfile: 'FROM scratch\n', 'docker/Dockerfile/README': 'a folder\n' });
    user = commandLine({ TILTYARD_SOURCES_URL: `file://${sources.dir}` });
    const subnet = { netuid: 17, owner: { hotkey: '//Owner' }, miners: [{ hotkey: '//Miner1' }] };
    devnet = await startDevnet({
      ...{ seed: 'checks', startBlock: 4_000_000, startTimeMs: Date.parse('2026-12-01T00:00:00Z') },
      ...{ blockTimeMs: 100, subnets: [subnet] },
    });
    on = ['--remote', emptyRemote(user), '--network', devnet.url];
    const options = ['--prompts', promptPool(user, 300), ...COMPETITION_OPTIONS, ...LEADER_OPTIONS];
    expect(await user.tiltyard('init', ...on, ...options)).toMatchObject({ status: 0, err: '' });
  });
  afterAll(async () => {
    await devnet[Symbol.asyncDispose]();
    user[Symbol.dispose]();
    sources[Symbol.dispose]();
  });

  const submit = (repo: string, commit: string, cdn = PUBLIC_CDN, ...more: readonly string[]) =>
    user.tiltyard('submit', ...on, '--wallet', '//Miner1', '--repo', repo, '--commit', commit, '--cdn', cdn, ...more);
  const isOnChain = async () => {
    const { hotkey } = await walletFromUri(new Secret('//Miner1'));
    return (await user.tiltyard('submit', ...on, '--check', '--hotkey', hotkey, '--json')).json().locked !== null;
  };

  it.each([
    ['a private address', () => submit('me/solution', good, 'http://127.0.0.1:8080/a'), '--cdn cannot be fetched'],
    [
      'an address of clouds alone',
      () => submit('me/solution', good, 'http://169.254.169.254/'),
      '--cdn cannot be fetched',
    ],
    ['an IPv6 loopback', () => submit('me/solution', good, 'http://[::1]/a'), '--cdn cannot be fetched'],
    ['a mapped loopback', () => submit('me/solution', good, 'http://[::ffff:127.0.0.1]/a'), '--cdn cannot be fetched'],
    ['a query', () => submit('me/solution', good, `${PUBLIC_CDN}?x=1`), 'query'],
    ['no such repository', () => submit('me/nothing', good), '--repo me/nothing'],
    ['no such commit', () => submit('me/solution', 'd'.repeat(40)), 'push it first'],
    ['no Dockerfile where it must be', () => submit('me/bare', bare), 'has no docker/Dockerfile'],
  ])('refuses %s in one sentence', async (_, attempt, says) => {
    const ended = await attempt();
    expect(ended).toMatchObject({ status: 2, out: '', err: expect.stringContaining(says) });
    expect(ended.err).toMatch(/^tiltyard: [^\n]+\n$/);
  });

  it.each([
    ['credentials in the address', '--cdn', () => submit('me/solution', good, 'https://a:b@cdn.example/')],
    ['another scheme', '--cdn', () => submit('me/solution', good, 'ftp://cdn.example/')],
    ['a port that is none', '--cdn', () => submit('me/solution', good, 'https://cdn.example:99999/')],
    ['a URL for a repository', '--repo', () => submit('https://github.com/me/solution', good)],
    ['a short commit', '--commit', () => submit('me/solution', good.slice(0, 7))],
  ])('calls %s a usage error', async (_, option, attempt) => {
    expect(await attempt()).toMatchObject({ status: 64, err: expect.stringContaining(`tiltyard: ${option} `) });
  });

  it('refuses what is larger than the chain holds', async () => {
    const ended = await submit('me/solution', good, `${PUBLIC_CDN}/${'x'.repeat(900)}`);
    expect(ended).toMatchObject({ status: 2, err: expect.stringContaining('shorten it') });
    expect(await isOnChain()).toBe(false);
  });

  it('goes on, and says so, where something cannot be checked', async () => {
    using elsewhere = commandLine({ TILTYARD_SOURCES_URL: 'http://127.0.0.1:9' });
    const options = ['--wallet', '//Miner1', '--repo', 'me/solution', '--commit', good];
    const ended = await elsewhere.tiltyard('submit', ...on, ...options, '--cdn', 'https://cdn.nowhere.invalid/a');
    expect(ended).toMatchObject({ status: 0, err: '' });
    expect(ended.out).toContain('could not check: cdn.nowhere.invalid has no address');
    expect(ended.out).toContain('could not check: http://127.0.0.1:9/me/solution.git could not be read');
  });

  it('submits what holds, also to a local network that is named', async () => {
    const ended = await submit(
      'me/solution',
      good,
      'http://127.0.0.1:8080/a',
      '--allow-host',
      '127.0.0.1:8080',
      '--json',
    );
    expect({ status: ended.status, ...ended.json() }).toMatchObject({ status: 0, ok: true, warnings: [] });
    expect(await isOnChain()).toBe(true);
  });
});
