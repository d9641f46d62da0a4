import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { GENESIS_HASHES } from '@tiltyard/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEMPLATE_FOLDER } from '../../src/template-folder.js';
import { type CommandLine, commandLine } from '../support/command-line.js';
import { emptyRemote, promptPool, sshKey, subjects } from '../support/git.js';
import { COMPETITION_OPTIONS, LEADER_OPTIONS, MOMENT_OPTIONS } from '../support/new-competition.js';

const START = [...COMPETITION_OPTIONS, ...LEADER_OPTIONS, ...MOMENT_OPTIONS];

describe('init', () => {
  it('writes the files of the first commit to a folder without touching any repository', async () => {
    using user = commandLine();
    const { status, out } = await user.tiltyard('init', '--out', 'look', '--prompts', promptPool(user, 300), ...START);
    expect({ status, out }).toMatchObject({ status: 0, out: expect.stringContaining('reveals until block 4009600') });
    const state = JSON.parse(readFileSync(user.file('look/state.json'), 'utf8')) as object;
    expect(state).toEqual({ current_round: 0, stage: 'open', next_stage_eta: '2026-12-02T08:00:00.000Z' });
    expect(readdirSync(user.file('look'))).toEqual(
      expect.arrayContaining(['.github', 'FORMAT.md', 'README.md', 'allowed_signers', 'config.json', 'schemas']),
    );
    const rules = JSON.parse(readFileSync(user.file('look/rounds/0/rules.json'), 'utf8')) as object;
    expect(rules).toMatchObject({
      judging: { judges: [{ model: 'some-vlm' }] },
      rendering: { views: 'reference-grid@1', renderer: 'the renderer of this test' },
    });
  });

  it('refuses to write over anything', async () => {
    using user = commandLine();
    const pool = promptPool(user, 3);
    const ended = await user.tiltyard('init', '--out', '.', '--prompts', pool, ...START, '--json');
    expect({ status: ended.status, ...ended.json() }).toMatchObject({ status: 2, code: 'file' });
  });

  it.each([
    ['a judge', 'judging.judges', ['judging']],
    ['what measures distances', 'verification.embedder', ['verification']],
  ])('refuses a config.json without %s, since rules.json would freeze it', async (_, field, without) => {
    using user = commandLine();
    const pool = promptPool(user, 3);
    await user.tiltyard('init', '--out', 'look', '--prompts', pool, ...START);
    const config = JSON.parse(readFileSync(user.file('look/config.json'), 'utf8')) as Record<string, unknown>;
    for (const key of without) delete config[key];
    const file = user.file('mine.json');
    execFileSync('tee', [file], { input: JSON.stringify(config), stdio: ['pipe', 'ignore', 'inherit'] });
    const options = ['--config', file, '--prompts', pool, ...LEADER_OPTIONS, ...MOMENT_OPTIONS, '--renderer', 'x'];
    const ended = await user.tiltyard('init', '--out', 'again', ...options);
    expect(ended).toMatchObject({ status: 2, err: expect.stringContaining(`config.json: ${field}`) });
    expect(existsSync(user.file('again'))).toBe(false);
  });

  it.each([
    ['strategy', 'judging', { strategy: 'multi-stage' }],
    ['embedder', 'verification', { embedder: 'dinov3-vits16' }],
  ])('refuses a %s that no version can carry out: the round would never end', async (field, part, choice) => {
    using user = commandLine();
    const pool = promptPool(user, 3);
    await user.tiltyard('init', '--out', 'look', '--prompts', pool, ...START);
    const config = JSON.parse(readFileSync(user.file('look/config.json'), 'utf8')) as Record<string, object>;
    writeFileSync(user.file('mine.json'), JSON.stringify({ ...config, [part]: { ...config[part], ...choice } }));
    const options = ['--config', user.file('mine.json'), '--prompts', pool, ...LEADER_OPTIONS, ...MOMENT_OPTIONS];
    const ended = await user.tiltyard('init', '--out', 'again', ...options, '--renderer', 'x');
    expect(ended).toMatchObject({ status: 2, err: expect.stringContaining(`config.json: ${part}.${field}`) });
    expect(existsSync(user.file('again'))).toBe(false);
  });

  it('refuses a copy of the template that still names no judge', async () => {
    using user = commandLine();
    const options = ['--config', path.join(TEMPLATE_FOLDER, 'config.json'), '--prompts', promptPool(user, 3)];
    const ended = await user.tiltyard('init', '--out', 'look', ...options, ...LEADER_OPTIONS, ...MOMENT_OPTIONS);
    expect(ended).toMatchObject({ status: 2, err: expect.stringContaining('config.json: judging.judges') });
  });

  it('names every option that the template needs', async () => {
    using user = commandLine();
    const options = ['--prompts', promptPool(user, 3), ...LEADER_OPTIONS, ...MOMENT_OPTIONS];
    const { status, err } = await user.tiltyard('init', '--out', 'look', ...options);
    expect({ status, err }).toMatchObject({
      status: 64,
      err: expect.stringContaining('--name, --first-date, --last-date, --netuid, --judge-model'),
    });
  });
});

describe('a competition in a real repository', () => {
  let user: CommandLine;
  let remote: string;
  let operator: string;
  beforeAll(async () => {
    user = commandLine();
    remote = emptyRemote(user);
    operator = sshKey(user, 'operator-key');
    const options = ['--remote', remote, '--prompts', promptPool(user, 300), '--signing-key', operator];
    const ended = await user.tiltyard('init', ...options, ...START, '--json');
    expect(ended).toMatchObject({ status: 0, err: '' });
    expect(ended.json()).toMatchObject({ ok: true, name: 'chairs', commit: expect.stringMatching(/^[0-9a-f]{40}$/) });
  });
  afterAll(() => user[Symbol.dispose]());

  it('starts with one commit that is signed by the operator', () => {
    expect(subjects(remote)).toEqual(['Start competition chairs']);
    const commit = execFileSync('git', ['-C', remote, 'cat-file', 'commit', 'main'], { encoding: 'utf8' });
    expect(commit).toContain('-----BEGIN SSH SIGNATURE-----');
  });

  it('is not started twice', async () => {
    const ended = await user.tiltyard(
      'init',
      '--remote',
      remote,
      '--prompts',
      user.file('prompts.txt'),
      ...START,
      '--json',
    );
    expect({ status: ended.status, ...ended.json() }).toMatchObject({ status: 2, code: 'not_empty' });
  });

  it('tells its status to people and to programs', async () => {
    const { status, out } = await user.tiltyard('status', '--remote', 'state.git');
    expect(status).toBe(0);
    expect(out).toMatch(
      /competition +chairs\nnetwork +finney \(subnet 17, genesis 0x2f05\w+\)\nround +0\nstage +open, until block 4009600/,
    );
    expect(out).toMatch(/leader +5E7eSe\w+, weight 0 from block 4000000\n/);
    expect((await user.tiltyard('status', '--remote', remote, '--json')).json()).toMatchObject({
      ok: true,
      round: 0,
      stage: 'open',
      network: { network: 'finney', netuid: 17, genesis_hash: GENESIS_HASHES.finney },
      stageEndsAtBlock: 4_009_600,
      challengers: [],
      leader: { repo: 'org/base-miner' },
    });
  });

  it('knows who leads at a block, and answers no where no one does', async () => {
    const now = await user.tiltyard('leader', '--remote', remote);
    expect(now.out).toContain('5E7eSeRr2aHzCV7SkY4a2Pi5NXHrU4anZz3phEQgn4HCen2B');
    const before = await user.tiltyard('leader', '--remote', remote, '--at', '3999999', '--json');
    expect({ status: before.status, ...before.json() }).toMatchObject({
      status: 1,
      ok: false,
      leader: null,
      next: { effective_block: 4_000_000 },
    });
  });

  it('shows its files by name and by path, and lists them', async () => {
    const byName = (await user.tiltyard('state', 'show', 'schedule', '--remote', remote, '--json')).json();
    const byPath = (
      await user.tiltyard('state', 'show', 'rounds/0/schedule.json', '--remote', remote, '--json')
    ).json();
    expect(byName).toEqual(byPath);
    expect(byPath).toMatchObject({ value: { latest_reveal_block: 4_009_600, generation_deadline_block: 4_010_200 } });
    const list = await user.tiltyard('state', 'show', '--remote', remote);
    expect(list.out).toMatch(/^leader\.json +leader$/m);
    expect(list.out).toMatch(/^rounds\/0\/rules\.json +rules$/m);
    const pool = await user.tiltyard('state', 'show', 'prompts.txt', '--remote', remote);
    expect(pool.out.split('\n')[0]).toBe('https://prompts.example.com/object-0.png');
    const byKey = await user.tiltyard('state', 'show', 'promptPool', '--remote', remote);
    expect(byKey.out).toBe(pool.out);
    // The name of the round's own prompts never shows the pool instead.
    const drawn = await user.tiltyard('state', 'show', 'prompts', '--remote', remote, '--json');
    expect({ status: drawn.status, ...drawn.json() }).toMatchObject({
      status: 2,
      code: 'not_there',
      message: expect.stringMatching(/^There is no prompts\.txt of round 0 at [0-9a-f]{40}\.$/),
    });
    const missing = await user.tiltyard('state', 'show', 'winner', '--remote', remote, '--json');
    expect({ status: missing.status, ...missing.json() }).toMatchObject({ status: 2, code: 'not_there' });
  });

  it('takes amendments that an operator signs, once each, and no others', async () => {
    const pause = ['amend', 'pause', '--remote', remote, '--reason', 'the judge moves house'];
    const unsigned = await user.tiltyard(...pause, '--json');
    expect({ status: unsigned.status, ...unsigned.json() }).toMatchObject({ status: 2, code: 'not_signer' });

    const dry = await user.tiltyard(...pause, '--signing-key', operator, '--dry-run', '--json');
    expect(dry.json()).toMatchObject({ ok: true, commit: null, amendment: { id: 1, action: 'pause', stage: 'open' } });
    expect(subjects(remote)).toHaveLength(1);

    expect(await user.tiltyard(...pause, '--signing-key', operator)).toMatchObject({ status: 0, err: '' });
    const twice = await user.tiltyard(...pause, '--signing-key', operator, '--json');
    expect({ status: twice.status, ...twice.json() }).toMatchObject({ status: 2, code: 'refused' });

    const extend = ['amend', 'extend-deadline', '--remote', remote, '--reason', 'late', '--signing-key', operator];
    const earlier = await user.tiltyard(...extend, '4000001', '--json');
    expect(earlier.json()).toMatchObject({ code: 'refused', message: expect.stringContaining('4010200') });
    expect(await user.tiltyard(...extend, '4020000')).toMatchObject({ status: 0 });
    const nobody = ['amend', 'void_audit', '5HHH', '--remote', remote, '--reason', 'x', '--signing-key', operator];
    expect(await user.tiltyard(...nobody)).toMatchObject({ status: 64, err: expect.stringContaining('no hotkey') });
    expect(subjects(remote)).toEqual([
      'Amendment 2 for round 0: extend_deadline',
      'Amendment 1 for round 0: pause',
      'Start competition chairs',
    ]);
  });

  it('has a history that the auditor finds whole, and says what it checked', async () => {
    const ended = await user.tiltyard('audit', remote, '--json');
    expect(ended.json()).toMatchObject({ ok: true, commits: 3, findings: [], rules: { G2: { checked: 2, error: 0 } } });
    expect(ended.status).toBe(0);
    const narrowed = (await user.tiltyard('audit', remote, '--rule', 'L1,F1', '--json')).json();
    expect(Object.keys(narrowed.rules as object).sort()).toEqual(['F1', 'L1']);
    expect(await user.tiltyard('audit', remote, '--rule', 'R99')).toMatchObject({ status: 2 });
  });

  it("rotates keys by an operator's signed commit, and never without an operator", async () => {
    const next = sshKey(user, 'next-operator-key');
    const lineOf = (key: string) => `operator ${readFileSync(`${key}.pub`, 'utf8').split(' ').slice(0, 2).join(' ')}`;
    writeFileSync(user.file('none'), `# nobody\n`);
    const publish = ['publish', 'signers', '--remote', remote, '--signing-key'];
    const locked = await user.tiltyard(...publish, operator, 'none', '--json');
    expect({ status: locked.status, ...locked.json() }).toMatchObject({ status: 2, code: 'refused' });

    writeFileSync(user.file('rotated'), `${lineOf(next)}\n`);
    const rotated = await user.tiltyard(...publish, operator, 'rotated', '--json');
    expect(rotated.json()).toMatchObject({ ok: true, path: 'allowed_signers', added: 1, dryRun: false });
    const resume = ['amend', 'resume', '--remote', remote, '--reason', 'moved', '--signing-key'];
    const old = await user.tiltyard(...resume, operator, '--json');
    expect({ status: old.status, ...old.json() }).toMatchObject({ status: 2, code: 'not_signer' });
    expect(await user.tiltyard(...resume, next)).toMatchObject({ status: 0 });
    expect((await user.tiltyard('audit', remote, '--json')).json()).toMatchObject({ ok: true, findings: [] });
  });

  it('takes another prompt pool while it runs', async () => {
    writeFileSync(user.file('pool'), 'https://prompts.example.com/object-0.png\ntext: a blue chair\n');
    const key = user.file('next-operator-key');
    const ended = await user.tiltyard('publish', 'prompts', 'pool', '--remote', remote, '--signing-key', key);
    expect(ended).toMatchObject({ status: 0, out: expect.stringContaining('prompts.txt: 1 line added, 299 removed') });
    expect(subjects(remote)[0]).toBe('Update prompt pool');
  });

  it('shows what was changed without a key, and who is still paid', async () => {
    const copy = user.file('pusher');
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-C', copy, '-c', 'user.name=x', '-c', 'user.email=x@x', ...args], { encoding: 'utf8' });
    execFileSync('git', ['clone', '--quiet', remote, copy]);
    const leaders = JSON.parse(readFileSync(path.join(copy, 'leader.json'), 'utf8')) as readonly object[];
    const mine = { ...leaders[0], repo: 'my/own', effective_block: 9_000_000 };
    writeFileSync(path.join(copy, 'leader.json'), JSON.stringify([...leaders, mine]));
    git('commit', '--quiet', '--all', '--message', 'mine');
    git('push', '--quiet', 'origin', 'HEAD:main');
    const commit = git('rev-parse', 'HEAD').trim();
    const unvouched = [{ path: 'leader.json', commit, problem: 'not signed' }];
    expect((await user.tiltyard('status', '--remote', remote, '--json')).json()).toMatchObject({ unvouched });
    const shown = (await user.tiltyard('status', '--remote', remote)).out;
    expect(shown).toContain(`services wait: leader.json was changed by ${commit.slice(0, 10)}: not signed`);
    const paid = await user.tiltyard('leader', '--remote', remote, '--json');
    expect(paid.json()).toMatchObject({ leader: leaders[0], unvouched: commit });
    const told = (await user.tiltyard('leader', '--remote', remote)).out;
    expect(told).toContain(`was changed by commit ${commit}`);
    for (const text of [shown, told]) expect(text).toMatch(/entry 1 was added \(hotkey .*, repo "my\/own"/);
    writeFileSync(path.join(copy, 'leader.json'), JSON.stringify([{ ...leaders[0], weight: 1 }]));
    git('commit', '--quiet', '--all', '--message', 'more');
    git('push', '--quiet', 'origin', 'HEAD:main');
    for (const command of ['status', 'leader']) {
      const { out } = await user.tiltyard(command, '--remote', remote);
      expect(out).toContain('entry 0 was changed (weight 0 → 1)');
    }
    git('revert', '--no-edit', 'HEAD', 'HEAD~1');
    git('push', '--quiet', 'origin', 'HEAD:main');
    expect((await user.tiltyard('status', '--remote', remote, '--json')).json()).toMatchObject({ unvouched: [] });
  });

  it('has a history that the auditor finds broken once it is rewritten', async () => {
    const copy = user.file('copy');
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-C', copy, '-c', 'user.name=x', '-c', 'user.email=x@x', ...args]);
    execFileSync('git', ['clone', '--quiet', remote, copy]);
    git('rm', '--quiet', 'leader.json');
    git('commit', '--quiet', '--message', 'oops');
    const ended = await user.tiltyard('audit', copy);
    expect(ended.status).toBe(1);
    expect(ended.out).toMatch(/error A0 no-deletion +leader\.json/);
  });
});
