import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { auditRepository } from '@tiltyard/audit/gen3d';
import { type SyntheticOptions, writeSyntheticHistory } from '@tiltyard/audit-testing';

/** One measured number. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/** Rounds, miners and duels of the size of a real competition: some 280 matches of 128 duels each. */
const REAL_SIZE: SyntheticOptions = {
  rounds: 7,
  miners: 36,
  prompts: 128,
  carryover: 32,
  judgeDetail: true,
  issuesCharacters: 300,
  batches: 3,
};
const TIMES_LONGER = 10;
const RUNS = 3;
const MEGABYTE = 1e6;

/**
 * Measures an audit beside the least that reading the same history costs: `git cat-file --batch` over every blob that
 * the history names. The two take turns, so that a busy machine slows both. Then a history ten times as long: the work
 * should grow with it and the memory should not.
 */
export async function bench(): Promise<readonly BenchRow[]> {
  const dir = await mkdtemp(path.join(tmpdir(), 'tiltyard-bench-'));
  try {
    const short = path.join(dir, 'short');
    const long = path.join(dir, 'long');
    const { commits } = await writeSyntheticHistory(short, REAL_SIZE);
    await writeSyntheticHistory(long, { ...REAL_SIZE, rounds: TIMES_LONGER * (REAL_SIZE.rounds ?? 1) });
    const [blobs, longBlobs] = [blobsOf(short), blobsOf(long)];
    const audits: number[] = [];
    const reads: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      audits.push(await timed(() => auditWhole(short)));
      reads.push(await timed(() => readBlobs(short, blobs)));
    }
    const { milliseconds: longAudit, mostBytes } = await auditAlone(long);
    const longRead = await timed(() => readBlobs(long, longBlobs));
    const [audit, read] = [median(audits), median(reads)];
    return [
      { name: `audit of ${commits} commits and ${blobs.length} blobs, p50`, value: audit, unit: 'ms' },
      { name: 'commits audited', value: (commits * 1000) / audit, unit: '1/s' },
      { name: 'git cat-file --batch over the same blobs, p50', value: read, unit: 'ms' },
      { name: 'audit / cat-file', value: audit / read, unit: '×' },
      { name: `audit of ${TIMES_LONGER} times the history / audit`, value: longAudit / audit, unit: '×' },
      { name: `the same against cat-file`, value: longAudit / longRead, unit: '×' },
      { name: 'most memory of the long audit', value: mostBytes / MEGABYTE, unit: 'MB' },
    ];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** What is measured is an audit that finds nothing: findings cost time of their own. */
async function auditWhole(dir: string): Promise<void> {
  const { ok, findings } = await auditRepository({ dir });
  if (!ok) throw new Error(`the synthetic history is not whole: ${JSON.stringify(findings[0])}`);
}

/** Audits in a process of its own, whose memory nothing else has been in. */
async function auditAlone(dir: string): Promise<{ readonly milliseconds: number; readonly mostBytes: number }> {
  const library = createRequire(import.meta.url).resolve('@tiltyard/audit/gen3d');
  const program = `const { auditRepository } = await import(${JSON.stringify(pathToFileURL(library).href)});
const start = performance.now();
await auditRepository({ dir: ${JSON.stringify(dir)} });
const milliseconds = performance.now() - start;
console.log(JSON.stringify({ milliseconds, mostBytes: process.resourceUsage().maxRSS * 1024 }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  return JSON.parse(stdout) as { milliseconds: number; mostBytes: number };
}

/** Every blob that a history adds or changes, in its order. */
function blobsOf(dir: string): readonly string[] {
  const args = ['-C', dir, 'log', '--raw', '--no-renames', '--reverse', '--no-abbrev', '--format=', 'main'];
  const log = execFileSync('git', args, { maxBuffer: 2 ** 30 }).toString();
  return log.split('\n').flatMap((line) => {
    const [, , , blob = '', status] = line.split(/[ \t]/);
    return line.startsWith(':') && status !== 'D' ? [blob] : [];
  });
}

/** Has git read blobs, and throws away what it says. */
async function readBlobs(dir: string, blobs: readonly string[]): Promise<void> {
  const child = spawn('git', ['-C', dir, 'cat-file', '--batch'], { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.end(`${blobs.join('\n')}\n`);
  await once(child, 'close');
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
