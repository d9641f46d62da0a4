import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { auditRepository, exitStatus } from '@tiltyard/audit/gen3d';
import { TAMPERINGS } from '@tiltyard/audit-testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoEvent } from '../../src/gen3d/demo/demo-event.js';
import type { DemoOptions } from '../../src/gen3d/demo/demo-options.js';
import type { DemoResult } from '../../src/gen3d/demo/demo-result.js';
import { runDemo } from '../../src/gen3d/demo/run-demo.js';
import { SERVICE_NAMES } from '../../src/gen3d/network/service-names.js';

const run = promisify(execFile);
/** A machine that does other things meanwhile takes longer; how long a round may take is the demo's own affair. */
const PATIENCE_MS = 400_000;

const OPTIONS: Omit<DemoOptions, 'directory'> = {
  rounds: 1,
  prompts: 3,
  miners: ['hostile', 'cheat', 'copycat', 'faithful'],
  isOwnChoice: false,
  models: undefined,
  keep: false,
  chaos: { seed: 'every service once', leastPauseMs: 500, mostPauseMs: 2_000 },
  port: undefined,
  setupSeconds: 0,
};

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'tiltyard-e2e-'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

describe('a round between processes, of which every service is killed once and the judge stumbles', () => {
  let result: DemoResult;
  const events: DemoEvent[] = [];

  beforeAll(async () => {
    const options = { ...OPTIONS, directory };
    result = await runDemo(options, (event) => void events.push(event), new AbortController().signal);
  }, PATIENCE_MS);

  const round = () => {
    const [first] = result.rounds;
    if (first === undefined) throw new Error('no round was reported');
    return first;
  };
  const rowOf = (name: string) => round().timeline.find((row) => row.name === name);
  const auditOf = (name: string) => round().audits.find((audit) => audit.name === name);
  const deliveryOf = (name: string) => round().deliveries.find((delivery) => delivery.name === name);

  it('was disturbed: every service was killed with SIGKILL and came back', () => {
    const killed = events.flatMap((event) => (event.kind === 'kill' ? [event.service] : []));
    expect(new Set(killed)).toEqual(new Set(SERVICE_NAMES));
    expect(result.kills).toBe(killed.length);
  });

  it('is won by the honest miner all the same, and nothing is other than it should be', () => {
    expect(round()).toMatchObject({ winner: 'faithful', isDefended: false, leader: 'base' });
    expect(result.deviations).toEqual([]);
    expect(result.ok).toBe(true);
  });

  it('has who cheats and who copies lead in turn, until audits reject them with distances that prove it', () => {
    expect(round().timeline.map(({ name, status }) => [name, status])).toEqual([
      ['hostile', 'lost'],
      ['cheat', 'rejected'],
      ['copycat', 'rejected'],
      ['faithful', 'won'],
    ]);
    expect(round().audits.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['cheat', 'rejected'],
      ['copycat', 'rejected'],
      ['faithful', 'passed'],
    ]);
    for (const name of ['cheat', 'copycat']) {
      expect(rowOf(name)).toMatchObject({ defender: 'leader', hasLed: true });
      expect(rowOf(name)?.margin).toBeGreaterThanOrEqual(round().winMargin);
      expect(auditOf(name)?.reason).toMatch(/mismatches \(\d+\) exceed tolerance/);
      expect(Math.min(...distancesOf(name))).toBeGreaterThan(round().acceptableDistance);
    }
    expect(distancesOf('faithful')).toHaveLength(3);
    expect(Math.max(...distancesOf('faithful'))).toBeLessThan(round().acceptableDistance);
  });

  it('flags the same files on both of their miners', () => {
    expect(deliveryOf('copycat')?.sameAs).toEqual({ faithful: 3 });
    expect(deliveryOf('faithful')?.sameAs).toEqual({ copycat: 3 });
    expect(deliveryOf('cheat')?.sameAs).toEqual({});
  });

  it('refuses every hostile file with a reason of its own, in public', () => {
    const { failed = [], usable } = deliveryOf('hostile') ?? {};
    expect(usable).toBe(0);
    expect(failed.map((file) => file.code).toSorted()).toEqual(['bad_accessor', 'external_uri', 'image_too_large']);
    for (const { message } of failed) expect(message).not.toBe('');
    expect(rowOf('hostile')).toMatchObject({ status: 'lost', margin: -1 });
  });

  it('ends with the new leader on record and paid', () => {
    expect(result.leaders.map(({ name, weight }) => [name, weight])).toEqual([
      ['base', 0],
      ['faithful', 1],
    ]);
    expect(result.weights).toEqual([{ uid: expect.any(Number), name: 'faithful', weight: 1 }]);
    expect(Object.keys(result.outcomes)).toEqual(['hostile', 'cheat', 'copycat', 'faithful', 'base']);
  });

  it('leaves a history that its auditor finds no error in', () => {
    expect(result.audit.findings.filter((finding) => finding.severity === 'error')).toEqual([]);
    expect(result.audit.ok).toBe(true);
  });

  it.each(TAMPERINGS)('leaves a history in which tampering is noticed: $name', async ({ rule, apply }) => {
    const copy = await mkdtemp(path.join(directory, 'tampered-'));
    await run('git', ['clone', '--quiet', '--bare', result.folder.repository, copy]);
    await apply(copy);
    const report = await auditRepository({ dir: copy });
    expect(exitStatus(report)).toBe(1);
    expect(report.findings.filter(({ severity }) => severity === 'error').map((finding) => finding.rule)).toContain(
      rule,
    );
  });

  it('leaves a repository that git reads, the page, the logs and nothing else', async () => {
    const { root, repository, page, logs } = result.folder;
    expect((await readdir(root)).toSorted()).toEqual(['logs', 'page', 'state']);
    await run('git', ['-C', repository, 'fsck', '--strict']);
    const winner = JSON.parse(await readFile(path.join(repository, 'rounds/0/winner.json'), 'utf8'));
    expect(winner.winner_hotkey).toBe(rowOf('faithful')?.hotkey);
    expect(await readFile(path.join(page, 'index.html'), 'utf8')).toContain('faithful');
    expect(await readdir(logs)).toEqual(
      expect.arrayContaining([...SERVICE_NAMES.map((name) => `${name}.log`), 'pods']),
    );
  });

  it('stays below 5 GiB of memory, and says what it used', () => {
    expect(result.peakPssBytes).toBeGreaterThan(256 * 2 ** 20);
    expect(result.peakPssBytes).toBeLessThan(5 * 2 ** 30);
  });

  it('leaves no process behind', async () => {
    expect(await processesThatName(result.folder.root)).toEqual([]);
  });

  const distancesOf = (name: string) => Object.values(auditOf(name)?.distances ?? {});
});

describe('a demo that is interrupted', () => {
  it(
    'ends everything, though miners have committed already, and keeps the logs and the repository as far as it came',
    async () => {
      const interruption = new AbortController();
      let root = '';
      const tell = (event: DemoEvent) => {
        if (event.kind === 'folder') root = event.folder.root;
        if (event.kind === 'progress' && event.note.includes('over the reveal window'))
          interruption.abort(new Error('enough'));
      };
      const options = { ...OPTIONS, directory, chaos: undefined };
      await expect(runDemo(options, tell, interruption.signal)).rejects.toThrow('enough');
      expect(await processesThatName(root)).toEqual([]);
      expect((await readdir(root)).toSorted()).toEqual(expect.arrayContaining(['logs', 'state']));
    },
    PATIENCE_MS,
  );
});

/** Command lines of processes that have a folder in their environment or arguments. */
async function processesThatName(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
    const [environment, command] = [await read('environ'), await read('cmdline')];
    if (`${environment}${command}`.includes(folder)) found.push(`${pid} ${command.replaceAll('\0', ' ')}`);
  }
  return found;
}
