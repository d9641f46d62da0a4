import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { importCommits, type SyntheticCommit, syntheticBlockHash } from '@tiltyard/audit-testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  AuditError,
  auditRepository,
  exitStatus,
  explainRound,
  reportJson,
  reportText,
} from '../../src/gen3d/index.js';
import { addCommit, git } from '../support/git.js';
import { auditCommits, EditableHistory, scratch, smallHistory } from '../support/history.js';

describe('auditing a repository', () => {
  let folder: Awaited<ReturnType<typeof scratch>>;
  let tip = '';
  beforeAll(async () => {
    folder = await scratch();
    ({ tip } = await importCommits(folder.dir, smallHistory('ours')));
  });
  afterAll(() => folder[Symbol.asyncDispose]());
  const fault = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(AuditError);
    return (error as AuditError).fault;
  };

  it('reads a bundle, which is a file, and says of any other file that it is no repository', async () => {
    await using own = await scratch();
    await importCommits(path.join(own.dir, 'made'), smallHistory('reference'));
    const bundle = path.join(own.dir, 'history.bundle');
    execFileSync('git', ['-C', path.join(own.dir, 'made'), 'bundle', 'create', '--quiet', bundle, 'main']);
    expect(await auditRepository({ dir: bundle, ref: 'main' })).toMatchObject({ ok: true, dialect: 'reference' });
    const text = path.join(own.dir, 'notes.txt');
    writeFileSync(text, 'no repository');
    expect(await fault(auditRepository({ dir: text, ref: 'main' }))).toMatchObject({
      code: 'no_repository',
      where: text,
    });
  });

  it('reads a remote by a clone of its own and leaves nothing behind, not even when it is stopped', async () => {
    await using own = await scratch();
    vi.stubEnv('TMPDIR', own.dir);
    const remote = pathToFileURL(folder.dir).href;
    const report = await auditRepository({ remote, branch: 'main' });
    expect(report).toMatchObject({ ok: true, tip, commits: smallHistory('ours').length });
    const stop = new AbortController();
    const blockHash = async () => {
      stop.abort();
      return '';
    };
    const work = auditRepository({ remote, signal: stop.signal, blockHash });
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
    vi.unstubAllEnvs();
    expect(readdirSync(own.dir)).toEqual([]);
  });

  it('says what it cannot read instead of reporting on nothing', async () => {
    await using empty = await scratch();
    expect(await fault(auditRepository({ dir: path.join(empty.dir, 'nowhere') }))).toMatchObject({
      code: 'no_repository',
    });
    expect(await fault(auditRepository({ dir: empty.dir }))).toMatchObject({ code: 'no_repository' });
    git(empty.dir, ['init', '--quiet', '--bare']);
    expect(await fault(auditRepository({ dir: empty.dir }))).toMatchObject({ code: 'no_history' });
    expect(await fault(auditRepository({ remote: path.join(empty.dir, 'gone') }))).toMatchObject({
      code: 'no_repository',
    });
    expect(exitStatus(new AuditError({ code: 'no_history', ref: 'HEAD' }))).toBe(2);
  });

  it('stops at a damaged object: what was read till then proves nothing', async () => {
    await using copy = await looseCopy(folder.dir);
    const blob = git(copy.dir, ['rev-parse', 'main:rounds/0/builds.json']).trim();
    const file = path.join(copy.dir, 'objects', blob.slice(0, 2), blob.slice(2));
    rmSync(file);
    writeFileSync(file, 'not an object');
    expect((await fault(auditRepository({ dir: copy.dir }))).code).toMatch(/corrupt|git/);
  });

  it('reports a blob that is not here and goes on without it (H3)', async () => {
    await using copy = await looseCopy(folder.dir);
    const blob = git(copy.dir, ['rev-parse', 'main:rounds/0/builds.json']).trim();
    rmSync(path.join(copy.dir, 'objects', blob.slice(0, 2), blob.slice(2)));
    const report = await auditRepository({ dir: copy.dir });
    const found = report.findings.filter(({ severity, rule }) => severity !== 'info' || rule === 'H3');
    expect(found.map(({ rule, severity, path: at }) => [rule, severity, at])).toEqual([
      ['H3', 'error', 'rounds/0/builds.json'],
    ]);
    expect(report.ok).toBe(false);
    expect(report.rounds[0]).toMatchObject({ agrees: false, why: 'builds.json is not in this repository' });
  });

  it('is not content with a history whose stages are missing; what nothing is decided from may be (H3)', async () => {
    await using copy = await looseCopy(folder.dir);
    const stats = 'rounds/0/leader/pod_stats.json';
    addCommit(copy.dir, 'add\n', { [stats]: '{}\n' });
    const versions = git(copy.dir, ['log', '--format=', '--raw', '--no-abbrev', 'main', '--', 'state.json', stats]);
    const blobs = new Set(versions.match(/(?<= )[0-9a-f]{40}(?= [AM]\t)/g));
    for (const blob of blobs) rmSync(path.join(copy.dir, 'objects', blob.slice(0, 2), blob.slice(2)));
    const report = await auditRepository({ dir: copy.dir });
    const found = report.findings.filter(({ rule }) => rule === 'H3');
    expect(new Set(found.map(({ severity, path: at }) => `${severity} ${at}`))).toEqual(
      new Set(['error state.json', `info ${stats}`]),
    );
    expect(report.ok).toBe(false);
  });

  it('reports a merge (H1) and reads it as one commit of the line', async () => {
    await using copy = await looseCopy(folder.dir);
    const side = git(copy.dir, ['commit-tree', '-p', 'main~3', 'main~3^{tree}'], { input: 'side\n' }).trim();
    const merge = git(copy.dir, ['commit-tree', '-p', 'main', '-p', side, 'main^{tree}'], { input: 'merge\n' }).trim();
    git(copy.dir, ['update-ref', 'refs/heads/main', merge]);
    const { findings, commits } = await auditRepository({ dir: copy.dir });
    const told = findings.filter(({ severity }) => severity === 'error');
    expect(told.map(({ rule, commit }) => [rule, commit])).toEqual([['H1', merge]]);
    expect(commits).toBe(smallHistory('ours').length + 1);
  });

  it('reports a tip that was seen and is gone (H2)', async () => {
    await using copy = await looseCopy(folder.dir);
    const errors = async (knownTip: string) =>
      (await auditRepository({ dir: copy.dir, knownTip })).findings
        .filter(({ severity }) => severity === 'error')
        .map(({ rule }) => rule);
    expect(await errors(tip)).toEqual([]);
    expect(await errors(git(copy.dir, ['rev-parse', 'main~9']).trim())).toEqual([]);
    git(copy.dir, ['update-ref', 'refs/heads/main', 'main~2']);
    expect(await errors(tip)).toEqual(['H2']);
    expect(await errors('1'.repeat(40))).toEqual(['H2']);
    const narrow = await auditRepository({ dir: copy.dir, knownTip: tip, rounds: [1] });
    expect(narrow.ok).toBe(false);
  });

  it('looks at what came after a commit, at some rounds, and at some rules only', async () => {
    const history = new EditableHistory(smallHistory('ours'), 'ours');
    const [first, second] = [/^rounds\/0\/matches/, /^rounds\/1\/matches/].map((matrix) =>
      history.writing(matrix, 'last'),
    );
    const remark = (message: string) => `a remark\n${message}`;
    const edited = history.message(first ?? 0, remark).message(second ?? 0, remark);
    await using copy = await scratch();
    await importCommits(copy.dir, edited.commits);
    const found = async (options: object) =>
      (await auditRepository({ dir: copy.dir, ...options })).findings
        .filter(({ severity }) => severity === 'error')
        .map(({ rule, round }) => `${rule} ${round}`);
    expect(await found({})).toEqual(['W2 0', 'W2 1']);
    expect(await found({ rounds: [1] })).toEqual(['W2 1']);
    const after = git(copy.dir, ['rev-list', '--reverse', 'main']).split('\n')[first ?? 0];
    expect(await found({ since: after })).toEqual(['W2 1']);
    expect(await found({ rules: ['W4'] })).toEqual([]);
    const narrow = await auditRepository({ dir: copy.dir, rules: ['W4', 'R1'] });
    expect(Object.keys(narrow.rules)).toEqual(['W4', 'R1']);
  });

  it('refuses options that make no sense', async () => {
    const audit = (options: object) => fault(auditRepository({ dir: folder.dir, ...options }));
    expect(await audit({ rules: ['R99'] })).toMatchObject({ code: 'bad_option', option: 'rule' });
    expect(await audit({ rounds: [-1] })).toMatchObject({ code: 'bad_option', option: 'round' });
    expect(await audit({ since: 'f'.repeat(40) })).toMatchObject({ code: 'bad_option', option: 'since' });
    expect(await audit({ since: '--all' })).toMatchObject({ code: 'bad_option', option: 'since' });
    expect(await audit({ knownTip: 'main' })).toMatchObject({ code: 'bad_option', option: 'known tip' });
  });

  it('ends when it is stopped', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const work = auditRepository({ dir: folder.dir, signal: stop.signal, onProgress: () => stop.abort(reason) });
    await expect(work.then(() => stop.signal.throwIfAborted())).rejects.toBe(reason);
    await expect(auditRepository({ dir: folder.dir, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('asks the chain for the hash of the seed block, when there is one to ask', async () => {
    const asked: number[] = [];
    const honest = await auditRepository({
      dir: folder.dir,
      blockHash: async (block) => {
        asked.push(block);
        return syntheticBlockHash(block);
      },
    });
    expect(honest.ok).toBe(true);
    expect(asked).toHaveLength(2);
    const other = await auditRepository({ dir: folder.dir, blockHash: async () => `0x${'2'.repeat(64)}` });
    const errors = other.findings.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ rule, path: at }) => [rule, at])).toEqual([
      ['R8', 'rounds/0/seed.json'],
      ['R8', 'rounds/1/seed.json'],
    ]);
    const silent = await auditRepository({ dir: folder.dir, blockHash: () => Promise.reject(new Error('no route')) });
    expect(silent.ok).toBe(true);
    expect(silent.findings.filter(({ rule }) => rule === 'R8').map(({ severity }) => severity)).toEqual([
      'info',
      'info',
    ]);
  });

  it('reads again what it had let go when a round that is over is changed', async () => {
    const long = (await import('@tiltyard/audit-testing')).syntheticHistory({
      rounds: 4,
      miners: 4,
      prompts: 8,
    });
    const history = new EditableHistory([...long], 'ours');
    const { path: at, text } = history.read(/^rounds\/0\/.*submitted/);
    const line = `Update submitted for round 0, miner ${at.split('/')[2]?.slice(0, 10)}`;
    const entries = Object.entries(JSON.parse(text)).slice(1);
    const edited = history.append('submission-collector', [line], { [at]: Object.fromEntries(entries) });
    const report = await auditCommits(edited.commits);
    expect(report.findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule)).toEqual([
      'A8',
      'S1',
      'S2',
    ]);
  });

  it('accepts what an amendment allows, and nothing else', async () => {
    const history = new EditableHistory(smallHistory('ours'), 'ours');
    const at = history.writing(/^rounds\/0\/winner/);
    const { path: report, text } = history.read(/^rounds\/0\/.*duels_leader/, at - 1);
    const { left, right } = JSON.parse(text) as { left: string; right: string };
    const matrix = history.read(/^rounds\/0\/matches_matrix/, at).text;
    const amendment = {
      id: 1,
      at: '2026-01-05T00:00:00Z',
      reason: 'the judge was down',
      action: 'rejudge_match',
      left,
      right,
    };
    const row = matrix.split('\n').find((one) => one.startsWith(`${left},${right},`)) ?? '';
    const lines = [`Match report: ${left.slice(0, 10)} vs ${right.slice(0, 10)}`, 'Update matches matrix for round 0'];
    const again = (amendmentId: number) =>
      history
        .insert(at, 'operator', ['Amendment 1 for round 0: rejudge_match'], { 'rounds/0/amendments.json': [amendment] })
        .insert(at + 1, 'judge-service', lines, {
          [report]: { ...JSON.parse(text), amendment: amendmentId },
          'rounds/0/matches_matrix.csv': `${matrix}${row}\n`,
        });
    const errors = async (edited: EditableHistory) =>
      (await auditCommits(edited.commits)).findings
        .filter(({ severity }) => severity === 'error')
        .map(({ rule }) => rule);
    expect(await errors(again(1))).toEqual([]);
    expect(await errors(again(2))).toContain('A7');
  });

  it('accepts a round that no one took part in, and one that an operator held for a while', async () => {
    const history = new EditableHistory(smallHistory('ours'), 'ours');
    const json = (file: RegExp) => JSON.parse(history.read(file).text);
    const state = (round: number, stage: string) => ({ current_round: round, stage, next_stage_eta: null });
    const pause = {
      id: 1,
      at: '2026-01-20T00:00:00Z',
      reason: 'the chain stands still',
      action: 'pause',
      stage: 'open',
    };
    const { latest_reveal_block: before } = json(/^rounds\/2\/schedule/) as { latest_reveal_block: number };
    const latest = before + 21_600;
    const leaders = json(/^leader/) as { weight: number }[];
    const last = leaders.at(-1) ?? { weight: 0 };
    const weight = Math.max(0.2, Number((last.weight - 0.2).toFixed(10)));
    const edited = history
      .append('operator', ['Amendment 1 for round 2: pause'], { 'rounds/2/amendments.json': [pause] })
      .append('submission-collector', ['Update state (paused) for round 2'], { 'state.json': state(2, 'paused') })
      .append('operator', ['Amendment 2 for round 2: resume'], {
        'rounds/2/amendments.json': [pause, { ...pause, id: 2, action: 'resume' }],
      })
      .append('submission-collector', ['Update state (open) for round 2'], { 'state.json': state(2, 'open') })
      .append('submission-collector', ['No submissions for round 2'], {
        'rounds/2/submissions.json': {},
        'state.json': state(2, 'finalizing'),
      })
      .append('round-manager', ['Update state (open), schedule, leader for round 3'], {
        'rounds/3/schedule.json': {
          earliest_reveal_block: before + 1,
          latest_reveal_block: latest,
          generation_deadline_block: latest + 600,
        },
        'rounds/3/rules.json': history.read(/^rounds\/2\/rules/).text,
        'leader.json': [...leaders, { ...last, weight, effective_block: latest }],
        'state.json': state(3, 'open'),
      });
    const report = await auditCommits(edited.commits);
    expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(report.rounds[2]).toEqual({
      round: 2,
      winner: null,
      rederived: 'leader',
      agrees: true,
      why: 'no submissions: the leader defended',
    });
    expect(explainRound(report, 2)).toContain('0 challengers');
  });

  it('tells a round by its story, and every verdict in words, as JSON and as an exit status', async () => {
    const report = await auditRepository({ dir: folder.dir });
    expect(exitStatus(report)).toBe(0);
    const text = reportText(report);
    // The result comes first: a sentence, and a verdict for each round.
    expect(text).toMatch(
      /^No errors and 2 notes in 3 rounds \(\d+ commits\)\.\nRound 0: won by .*\nRound 1: .*\nRound 2: /,
    );
    expect(text).toMatch(/\n\nnetwork: not named .*\ntip: [0-9a-f]{40} /);
    expect(text).not.toContain('checked  error');
    expect(reportText(report, { rules: true })).toMatch(/\n\nRule +checked {2}error/);
    expect(text).toContain('Round 0: won by ');
    expect(reportText(report, { colours: true })).toContain('\u001b[');
    expect(text).not.toContain('\u001b[');
    const story = explainRound(report, 0);
    for (const part of ['Against the leader', 'Timeline', 'Audits', 'What would have changed'])
      expect(story).toContain(part);
    expect(() => explainRound(report, 9)).toThrow(AuditError);
    const json = JSON.parse(JSON.stringify(reportJson(report))) as object;
    expect(Object.keys(json)).toEqual(['ok', 'commits', 'rounds', 'rules', 'findings', 'tip', 'dialect', 'network']);
    expect(report.rules.R1).toEqual({ checked: 15, error: 0, warn: 0, info: 0 });
  });

  it('shows no control characters of what strangers wrote', async () => {
    const evil: SyntheticCommit = {
      service: 'operator',
      message: 'look \u001b[2J here\n',
      at: new Date(),
      files: new Map([['prompts.txt', 'text: \u001b]0;x\u0007\n']]),
    };
    const report = await auditCommits([...smallHistory('ours'), evil]);
    expect(report.findings.length).toBeGreaterThan(0);
    for (const { detail } of report.findings) expect(detail).not.toMatch(/\p{Cc}/u);
  });

  it('tells reference from ours, and lets the caller decide', async () => {
    expect((await auditCommits(smallHistory('reference'))).dialect).toBe('reference');
    expect((await auditCommits(smallHistory('ours'))).dialect).toBe('ours');
    const forced = await auditCommits(smallHistory('reference'), { dialect: 'ours' });
    expect(forced.findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule)).toContain('R8');
  });
});

/** A copy with every object in a file of its own. */
async function looseCopy(dir: string): Promise<Awaited<ReturnType<typeof scratch>>> {
  const copy = await scratch();
  git(copy.dir, ['init', '--quiet', '--bare', '--initial-branch=main']);
  const pack = execFileSync('git', ['-C', dir, 'pack-objects', '--all', '--stdout', '--quiet'], { maxBuffer: 2 ** 30 });
  git(copy.dir, ['unpack-objects', '-q'], { input: pack });
  git(copy.dir, ['update-ref', 'refs/heads/main', git(dir, ['rev-parse', 'main']).trim()]);
  return copy;
}
