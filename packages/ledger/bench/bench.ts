import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { initRepository, type Ledger, openLedger } from '@tiltyard/ledger';
import { type CompetitionState, gen3d, stateFiles } from '@tiltyard/schema/gen3d';

/** One measured number. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

const PUBLISHES = 60;
const SNAPSHOTS = 40;
const exec = promisify(execFile);
const IDENTITY = { GIT_AUTHOR_NAME: 'b', GIT_AUTHOR_EMAIL: 'b@x', GIT_COMMITTER_NAME: 'b', GIT_COMMITTER_EMAIL: 'b@x' };
const ENV = { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', ...IDENTITY };

/**
 * Measures publishing beside the least that git itself can do: `git commit-tree` and `git push` of an unchanged tree to
 * the same kind of remote (a bare repository over file://), started from this process too. The two take turns, so that
 * a busy machine slows both.
 */
export async function bench(): Promise<readonly BenchRow[]> {
  const dir = await mkdtemp(path.join(tmpdir(), 'tiltyard-bench-'));
  try {
    const remote = await newRemote(dir, 'ours.git');
    const bare = await bareGit(dir, await newRemote(dir, 'bare.git'));
    await using ledger = await open(remote, path.join(dir, 'ours'), 'judge-service');
    await using other = await open(remote, path.join(dir, 'other'), 'judge-service');

    const publishes: number[] = [];
    const baseline: number[] = [];
    for (let n = 0; n < PUBLISHES; n += 1) {
      const snapshot = await ledger.snapshot();
      publishes.push(await timed(() => publish(ledger, snapshot.draft(), n)));
      baseline.push(await timed(bare));
    }
    const unchanged: number[] = [];
    const changed: number[] = [];
    for (let n = 0; n < SNAPSHOTS; n += 1) {
      await publish(other, (await other.snapshot()).draft(), PUBLISHES + n);
      changed.push(await timed(() => ledger.snapshot()));
      unchanged.push(await timed(() => ledger.snapshot()));
    }
    return [
      { name: 'publish, p50', value: median(publishes), unit: 'ms' },
      { name: 'git commit-tree + git push, p50', value: median(baseline), unit: 'ms' },
      { name: 'publish / bare git', value: median(publishes) / median(baseline), unit: '×' },
      { name: 'publishes in a row', value: 1000 / mean(publishes), unit: '1/s' },
      { name: 'snapshot of an unchanged remote, p50', value: median(unchanged), unit: 'ms' },
      { name: 'snapshot of a changed remote, p50', value: median(changed), unit: 'ms' },
    ];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function publish(ledger: Ledger, draft: ReturnType<Awaited<ReturnType<Ledger['snapshot']>>['draft']>, n: number) {
  const next_stage_eta = new Date(Date.UTC(2026, 0, 1) + n * 60_000).toISOString();
  return ledger.publish(draft.write(stateFiles.state, {}, { ...STATE, next_stage_eta }));
}

const STATE: CompetitionState = { current_round: 0, stage: 'duels', next_stage_eta: null };
const CONFIG = {
  name: 'bench',
  description: '',
  first_evaluation_date: '2026-01-01',
  last_competition_date: '2026-12-31',
  round_start_time: '12:00:00',
  generation_stage_minutes: 120,
  finalization_buffer_hours: 1,
  win_margin: 0.05,
  weight_decay: 0.2,
  weight_floor: 0.2,
  prompts_per_round: 128,
  carryover_prompts: 32,
  round_duration_days: 3,
};

async function newRemote(dir: string, name: string): Promise<string> {
  await exec('git', ['init', '-q', '--bare', '-b', 'main', path.join(dir, name)], { env: ENV });
  const remote = `file://${path.join(dir, name)}`;
  const files = new Map([
    ['config.json', stateFiles.config.codec.format(CONFIG)],
    ['state.json', stateFiles.state.codec.format(STATE)],
  ]);
  await initRepository({ competition: gen3d, remote, files, version: '0.1.0' });
  return remote;
}

function open(remote: string, dir: string, service: 'judge-service'): Promise<Ledger> {
  return openLedger({ competition: gen3d, remote, dir, service, version: '0.1.0' });
}

/** One `git commit-tree` and one `git push`, as a script would do it. */
async function bareGit(dir: string, remote: string): Promise<() => Promise<void>> {
  const cwd = path.join(dir, 'bare');
  await exec('git', ['clone', '-q', '--bare', remote, cwd], { env: ENV });
  let tip = (await exec('git', ['rev-parse', 'main'], { cwd, env: ENV })).stdout.trim();
  return async () => {
    const args = ['commit-tree', '-p', tip, '-m', 'Bench', `${tip}^{tree}`];
    tip = (await exec('git', args, { cwd, env: ENV })).stdout.trim();
    await exec('git', ['push', '-q', remote, `${tip}:refs/heads/main`], { cwd, env: ENV });
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
