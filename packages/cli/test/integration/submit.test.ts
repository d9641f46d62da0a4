import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { openChain, walletFromUri } from '@tiltyard/chain';
import { type Devnet, startDevnet } from '@tiltyard/devnet';
import { Secret } from '@tiltyard/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandLine, commandLine } from '../support/command-line.js';
import { emptyRemote, promptPool } from '../support/git.js';
import { COMPETITION_OPTIONS, LEADER_OPTIONS } from '../support/new-competition.js';

const COMMIT = '4f0c'.repeat(10);
const START = 4_000_000;

describe('submitting on a dev chain', () => {
  let user: CommandLine;
  let devnet: Devnet;
  let on: readonly string[];
  let latest: number;
  beforeAll(async () => {
    user = commandLine();
    devnet = await startDevnet({
      seed: 'cli',
      startBlock: START,
      startTimeMs: Date.parse('2026-12-01T00:00:00Z'),
      blockTimeMs: 50,
      subnets: [{ netuid: 17, owner: { hotkey: '//Owner' }, miners: [{ hotkey: '//Miner1' }, { hotkey: '//Miner2' }] }],
    });
    const remote = emptyRemote(user);
    on = ['--remote', remote, '--chain', devnet.url];
    const options = ['--prompts', promptPool(user, 300), ...COMPETITION_OPTIONS, ...LEADER_OPTIONS];
    const ended = await user.tiltyard('init', ...on, ...options, '--json');
    expect(ended).toMatchObject({ status: 0, err: '' });
    latest = (ended.json().schedule as { readonly latest: number }).latest;
  });
  afterAll(async () => {
    await devnet[Symbol.asyncDispose]();
    user[Symbol.dispose]();
  });

  const SOLUTION = ['--repo', 'me/solution', '--commit', COMMIT, '--cdn', 'https://cdn.example.com/a'];
  const submit = (...more: readonly string[]) => user.tiltyard('submit', ...on, ...more);

  it('has a competition whose config.json names the chain', async () => {
    const config = (await user.tiltyard('state', 'show', 'config', ...on.slice(0, 2), '--json')).json().value;
    expect(config).toMatchObject({ netuid: 17, genesis_hash: devnet.status().genesisHash });
  });

  it('begins in no subnet that the chain does not have, even where config.json names it', async () => {
    const config = (await user.tiltyard('state', 'show', 'config', ...on.slice(0, 2), '--json')).json().value as object;
    writeFileSync(user.file('other.json'), JSON.stringify({ ...config, netuid: 18 }));
    const options = ['--config', 'other.json', '--prompts', promptPool(user, 3), ...LEADER_OPTIONS, ...on.slice(2)];
    const ended = await user.tiltyard('init', '--out', 'elsewhere', ...options, '--renderer', 'x');
    expect(ended).toMatchObject({ status: 2, err: expect.stringContaining('no subnet 18') });
  });

  it('tells what is left of the stage by the chain', async () => {
    const { chain } = (await user.tiltyard('status', ...on, '--json')).json() as {
      chain: { block: number; blocksLeft: number };
    };
    expect(chain.block).toBeGreaterThanOrEqual(START);
    expect(chain.block + chain.blocksLeft).toBe(latest);
  });

  it('says no before anything is on chain', async () => {
    const ended = await submit('--check', '--wallet', '//Miner1', '--json');
    expect({ status: ended.status, ...ended.json() }).toMatchObject({
      status: 1,
      ok: false,
      takesPart: false,
      why: expect.stringContaining('nothing of this hotkey'),
    });
  });

  it.each([
    ['--commit', ['--repo', 'me/solution', '--commit', 'abc', '--cdn', 'https://cdn.example.com']],
    ['--repo', ['--repo', 'solution', '--commit', COMMIT, '--cdn', 'https://cdn.example.com']],
    ['--cdn is needed', ['--repo', 'me/solution', '--commit', COMMIT]],
    ['--wallet', SOLUTION],
  ])('refuses a command line without a right %s before it connects', async (option, args) => {
    const wallet = option === '--wallet' ? [] : ['--wallet', '//Miner1'];
    const { status, err } = await submit(...args, ...wallet);
    expect({ status, err }).toMatchObject({ status: 64, err: expect.stringContaining(option) });
  });

  it('refuses a hotkey that is not registered', async () => {
    const ended = await submit('--wallet', '//Nobody', ...SOLUTION, '--json');
    expect({ status: ended.status, ...ended.json() }).toMatchObject({ status: 2, code: 'not_registered' });
  });

  it('locks a submission until its block, and sees it open and count', async () => {
    const wanted = latest - 2000;
    const sent = await submit('--wallet', '//Miner1', ...SOLUTION, '--reveal-block', String(wanted), '--json');
    expect(sent).toMatchObject({ status: 0, err: '' });
    expect(sent.json()).toMatchObject({
      ok: true,
      takesPart: true,
      submission: null,
      sent: { revealAtBlock: wanted },
      locked: { opensAtBlock: wanted + 1 },
    });

    const locked = await submit('--check', '--wallet', '//Miner1');
    expect(locked.out).toMatch(/takes part +it opens at about block/);
    expect(locked.out).not.toContain('me/solution');

    devnet.jump({ toBlock: wanted + 3 });
    const opened = await submit('--check', '--hotkey', String(sent.json().hotkey), '--json');
    expect({ status: opened.status, ...opened.json() }).toMatchObject({
      status: 0,
      locked: null,
      submission: { repo: 'me/solution', commit: COMMIT, cdn_url: 'https://cdn.example.com/a', round: 'chairs-0' },
    });
  });

  it('waits for the reveal when it is asked to', async () => {
    const waiting = submit('--wallet', '//Miner2', ...SOLUTION, '--until-revealed', '--json');
    await expect.poll(() => devnet.status().waiting.length, { timeout: 20_000 }).toBe(1);
    devnet.jump({ toBlock: latest - 5 });
    const ended = await waiting;
    expect({ status: ended.status, ...ended.json() }).toMatchObject({
      status: 0,
      takesPart: true,
      locked: null,
      submission: { repo: 'me/solution', revealed_at_block: latest - 9 },
    });
  });

  it('takes nothing once the window has ended', async () => {
    devnet.jump({ blocks: 20 });
    const keyFile = user.file('hotkey.json');
    writeFileSync(
      keyFile,
      JSON.stringify({ secretPhrase: 'bottom drive obey lake curtain smoke basket hold race lonely fit walk' }),
    );
    const ended = await submit('--wallet-file', keyFile, ...SOLUTION, '--json');
    expect(ended.status).toBe(2);
    expect(ended.json()).toMatchObject({
      code: 'refused',
      message: expect.stringContaining(`ended with block ${latest}`),
    });
  });

  it('commits to the files of a folder while miners generate, and not after the deadline', async () => {
    mkdirSync(user.file('files'));
    writeFileSync(user.file('files/chair-1.glb'), 'a chair');
    const commit = (...more: readonly string[]) => user.tiltyard('manifest', 'files', ...on, ...more, '--json');
    const dry = (await commit('--dry-run')).json();
    const committed = await commit('--wallet', '//Miner1');
    expect(committed.json()).toMatchObject({ ok: true, files: 1, manifest: dry.manifest, block: expect.any(Number) });
    const bytes = readFileSync(user.file('files/manifest.json'));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(dry.manifest);
    expect(JSON.parse(bytes.toString())).toEqual({ 'chair-1': createHash('sha256').update('a chair').digest('hex') });

    await using chain = await openChain({ endpoints: [new Secret(devnet.url)] });
    const { hotkey } = await walletFromUri(new Secret('//Miner1'));
    const onChain = await chain.commitmentOf(17, hotkey);
    expect(onChain?.fields).toMatchObject([{ kind: 'raw', text: JSON.stringify({ manifest: dry.manifest }) }]);

    devnet.jump({ blocks: 1000 });
    const late = await commit('--wallet', '//Miner1');
    expect({ status: late.status, ...late.json() }).toMatchObject({ status: 2, code: 'refused' });
  });

  it('knows the leader by the chain', async () => {
    expect((await user.tiltyard('leader', ...on, '--json')).json()).toMatchObject({ ok: true, leader: { weight: 0 } });
  });
});
