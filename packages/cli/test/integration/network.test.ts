import { readFileSync, writeFileSync } from 'node:fs';
import { type Devnet, startDevnet } from '@tiltyard/devnet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandLine, commandLine } from '../support/command-line.js';
import { emptyRemote, promptPool } from '../support/git.js';
import { COMPETITION_OPTIONS, LEADER_OPTIONS, MOMENT_OPTIONS } from '../support/new-competition.js';
import { oldRepository } from '../support/old-repository.js';

const start = (seed: string) =>
  startDevnet({
    ...{ seed, startBlock: 4_000_000, startTimeMs: Date.parse('2026-12-01T00:00:00Z'), blockTimeMs: null },
    subnets: [{ netuid: 17, owner: { hotkey: '//Owner' } }],
  });

describe('the network of a competition', () => {
  let user: CommandLine;
  let devnet: Devnet;
  let other: Devnet;
  let remote: string;
  beforeAll(async () => {
    user = commandLine();
    [devnet, other] = [await start('a chain'), await start('another chain')];
    remote = emptyRemote(user);
    const options = ['--prompts', promptPool(user, 300), ...COMPETITION_OPTIONS, ...LEADER_OPTIONS];
    const ended = await user.tiltyard('init', '--remote', remote, '--network', devnet.url, ...options);
    expect(ended).toMatchObject({ status: 0, err: '' });
  });
  afterAll(async () => {
    for (const one of [devnet, other]) await one[Symbol.asyncDispose]();
    user[Symbol.dispose]();
  });

  const configOf = (folder: string) =>
    JSON.parse(readFileSync(user.file(`${folder}/config.json`), 'utf8')) as Record<string, unknown>;
  /** `init` into a folder from another config.json. */
  const initFrom = (folder: string, config: object, ...more: readonly string[]) => {
    writeFileSync(user.file('given.json'), JSON.stringify(config));
    const pool = ['--prompts', promptPool(user, 3), '--renderer', 'x', ...LEADER_OPTIONS];
    return user.tiltyard('init', '--out', folder, '--config', 'given.json', ...pool, ...more);
  };

  it('is written by init: name, genesis hash and netuid, as the chain told them', async () => {
    const config = (await user.tiltyard('state', 'show', 'config', '--remote', remote, '--json')).json().value;
    expect(config).toMatchObject({ network: 'local', genesis_hash: devnet.status().genesisHash, netuid: 17 });
  });

  it('is known by its name where no chain is asked', async () => {
    const options = ['--prompts', promptPool(user, 300), ...COMPETITION_OPTIONS, ...LEADER_OPTIONS, ...MOMENT_OPTIONS];
    await user.tiltyard('init', '--out', 'offline', ...options);
    expect(configOf('offline')).toMatchObject({ network: 'finney', genesis_hash: expect.stringMatching(/^0x2f0555/) });
  });

  it.each([
    ['no netuid', { netuid: undefined }, [], 'netuid'],
    ['no chain that can be known', { network: 'mine', genesis_hash: undefined }, [], 'genesis_hash'],
    ['the name of one chain and the genesis of another', { network: 'test' }, [], 'network'],
    ['a name that is not the known one', { network: 'mine' }, [], 'network'],
  ])('is refused in a config.json with %s', async (_, change, more, field) => {
    const ended = await initFrom('wrong', { ...configOf('offline'), ...change }, ...MOMENT_OPTIONS, ...more);
    expect(ended).toMatchObject({ status: 2, err: expect.stringContaining(`config.json: ${field}: `) });
  });

  it('is refused where another chain answers than config.json names', async () => {
    const ended = await initFrom('wrong', configOf('offline'), '--network', devnet.url);
    expect(ended).toMatchObject({ status: 2, err: expect.stringContaining('config.json: genesis_hash: ') });
  });

  it('is shown by status and by audit, from config.json alone', async () => {
    const genesis = String(devnet.status().genesisHash);
    const status = await user.tiltyard('status', '--remote', remote);
    expect(status.out).toContain(`network      local (subnet 17, genesis ${genesis})`);
    const audit = await user.tiltyard('audit', remote);
    expect(audit).toMatchObject({
      status: 0,
      out: expect.stringContaining(`network: local (subnet 17, genesis ${genesis})`),
    });
    expect((await user.tiltyard('audit', remote, '--json')).json().network).toEqual({
      network: 'local',
      netuid: 17,
      genesis_hash: genesis,
    });
  });

  it.each([
    ['status', () => ['status', '--remote', remote]],
    ['leader', () => ['leader', '--remote', remote]],
    ['submit --check', () => ['submit', '--remote', remote, '--check', '--hotkey', LEADER_OPTIONS[1] ?? '']],
    ['audit', () => ['audit', remote]],
  ])('is the only one that %s asks', async (_, args) => {
    const ended = await user.tiltyard(...args(), '--network', other.url);
    expect(ended.status).toBe(2);
    expect(ended.err).toMatch(/^tiltyard: .*genesis.*\n$/);
  });

  it('is shown without one in a repository from before genesis hashes, which works as it did', async () => {
    const { genesis_hash: _, ...old } = configOf('offline');
    const before = oldRepository(user, old);
    const status = await user.tiltyard('status', '--remote', before, '--network', devnet.url);
    expect(status).toMatchObject({ status: 0, err: '' });
    expect(status.out).toContain('network      finney (subnet 17, no genesis hash)');
    expect((await user.tiltyard('audit', before)).out).toContain('network: finney (subnet 17, no genesis hash)');
  });

  it.each([
    ['a word that is no name', 'finny', /"finny" is no chain endpoint; give finney, test, local/],
    ['names of two chains', 'finney,test', /two chains/],
    ['a URL of another kind', 'https://node.example/KEY', /entry 1 is no chain endpoint/],
  ])('given as %s is a usage error in one sentence', async (_, given, says) => {
    for (const option of ['--network', '--chain']) {
      const ended = await user.tiltyard('status', '--remote', remote, option, given);
      expect(ended.status).toBe(64);
      expect(ended.err).toMatch(says);
    }
  });
});
