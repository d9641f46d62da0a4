import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { importCommits, syntheticHistory } from '@tiltyard/audit-testing';
import { GENESIS_HASHES } from '@tiltyard/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandLine, commandLine } from '../support/command-line.js';
import { emptyRemote } from '../support/git.js';

/** What looked at nothing has no good news: neither an empty answer nor a verdict. */
describe('a command that finds nothing to look at', () => {
  let user: CommandLine;
  beforeAll(async () => {
    user = commandLine();
    await importCommits(user.file('state'), syntheticHistory({ rounds: 1, miners: 4, prompts: 12 }));
    emptyRemote(user, 'empty');
    const project = user.file('project');
    execFileSync('git', ['init', '--quiet', '--initial-branch=main', project]);
    const identity = ['-c', 'user.name=x', '-c', 'user.email=x@x.invalid'];
    execFileSync('git', ['-C', project, ...identity, 'commit', '--quiet', '--allow-empty', '--message=x']);
    mkdirSync(user.file('folder'));
    writeFileSync(user.file('nothing.txt'), '\n');
    writeFileSync(user.file('nothing.png'), '');
  });
  afterAll(() => user[Symbol.dispose]());

  it.each([
    [['preflight', 'folder'], 'There is no .glb file in folder.'],
    [['preflight', 'folder', '--prompts', 'nothing.txt'], 'There is no prompt in nothing.txt.'],
    [['preflight', 'https://cdn.example.com/x', '--prompts', 'nothing.txt'], 'There is no prompt in nothing.txt.'],
    [['manifest', 'folder', '--dry-run'], 'There is no .glb file in folder.'],
    [['distance', 'nothing.png', 'nothing.png'], 'nothing.png: not a readable PNG'],
    [['distance', 'folder', 'folder'], 'folder: is no file'],
    [['publish', 'prompts', 'nothing.txt', '--remote', 'state'], 'nothing.txt holds no prompts'],
    [['status', '--remote', 'state', '--round', '9'], 'There is no round 9 at '],
    [['status', '--remote', 'project'], 'config.json is missing'],
    [['status', '--remote', 'empty'], 'has no branch main'],
    [['leader', '--remote', 'project'], 'There is no leader.json at '],
    [['state', 'show', '--remote', 'project'], 'There is no state file at '],
    [['state', 'show', '--remote', 'state', '--round', '9'], 'There is no state file of round 9 at '],
    [['state', 'show', '--remote', 'state', '--miner', '5ZZ'], 'There is no state file of 5ZZ at '],
    [['state', 'show', 'winner', '--remote', 'state', '--round', '9'], 'There is no winner.json of round 9 at '],
  ])('ends with 2 and says so: %j', async (args, says) => {
    const { status, out, err } = await user.tiltyard(...args);
    expect({ status, out, err }).toEqual({ status: 2, out: '', err: expect.stringContaining(says) });
    expect(err).toMatch(/^tiltyard: [^\n]+\n$/);
  });
});

describe("an earlier round's status", () => {
  it('names the leader that its challengers met, and the current one that of today', async () => {
    using user = commandLine();
    const commits = [...syntheticHistory({ rounds: 2, miners: 4, prompts: 12, carryover: 3 })];
    await importCommits(user.file('state'), commits);
    const leaders = (await user.tiltyard('state', 'show', 'leader', '--remote', 'state', '--json')).json().value as {
      hotkey: string;
      effective_block: number;
    }[];
    expect(leaders.length).toBeGreaterThan(1);
    const leaderOf = async (...args: readonly string[]) =>
      (await user.tiltyard('status', '--remote', 'state', ...args, '--json')).json().leader;
    expect(await leaderOf('--round', '0')).toEqual(leaders[0]);
    expect(await leaderOf('--round', '1')).toEqual(leaders[1]);
    expect(await leaderOf()).toEqual(leaders.at(-1));
    expect(leaders[0]?.hotkey).not.toBe(leaders.at(-1)?.hotkey);
  });

  it('names the network where config.json does', async () => {
    using user = commandLine();
    const [first, ...others] = [...syntheticHistory({ rounds: 1, miners: 4, prompts: 12 })];
    const text = first?.files.get('config.json');
    if (first === undefined || typeof text !== 'string') throw new TypeError('no config.json');
    const genesis = GENESIS_HASHES.test;
    const named = { ...JSON.parse(text), network: 'test', netuid: 17, genesis_hash: genesis };
    const commits = [
      { ...first, files: new Map([...first.files, ['config.json', JSON.stringify(named)] as const]) },
      ...others,
    ];
    await importCommits(user.file('named'), commits);
    await importCommits(user.file('state'), [first, ...others]);
    const says = `test (subnet 17, genesis ${genesis})`;
    expect((await user.tiltyard('status', '--remote', 'named')).out).toContain(`network      ${says}\n`);
    expect((await user.tiltyard('audit', 'named')).out).toContain(`\nnetwork: ${says}\n`);
    expect((await user.tiltyard('audit', 'named', '--json')).json().network).toEqual({
      network: 'test',
      netuid: 17,
      genesis_hash: genesis,
    });
    expect((await user.tiltyard('status', '--remote', 'state')).out).toContain(
      'network      not named (no genesis hash)\n',
    );
    expect((await user.tiltyard('audit', 'state')).out).toContain('\nnetwork: not named (no genesis hash)\n');
  });
});
