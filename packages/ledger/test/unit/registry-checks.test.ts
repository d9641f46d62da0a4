import {
  type Amendments,
  type Builds,
  knownPath,
  SERVICES,
  STAGE_EDGES,
  STAGE_OWNER,
  STAGES,
  type Stage,
  stageFaults,
  stateFiles,
} from '@tiltyard/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLedgerError } from '../../src/index.js';
import { checkCommit, type PlannedChange, stateOwners } from '../../src/registry-checks.js';
import { ALICE, BOB, build, state } from '../fixture/state-files.js';

function change(path: string, before: unknown, after: unknown): PlannedChange {
  const known = knownPath(path);
  if (known === undefined) throw new RangeError(path);
  return { ...known, path, before, after };
}

/** The code of the fault that the checks find, `legal` when they find none. */
function verdict(input: Parameters<typeof checkCommit>[0]): string {
  try {
    checkCommit(input);
    return 'legal';
  } catch (error) {
    if (isLedgerError(error)) return error.code;
    throw error;
  }
}

const none = (): Amendments => [];
const writer = fc.constantFrom(...SERVICES);
const stage = fc.constantFrom(...STAGES);

describe('the registry checks', () => {
  it('agree with the stage machine about every transition of every service', () => {
    fc.assert(
      fc.property(writer, stage, stage, fc.integer({ min: -1, max: 2 }), (service, from, to, rise) => {
        const before = state(from, 5);
        const after = state(to, 5 + rise);
        const code = verdict({
          writer: service,
          state: before,
          amendments: none,
          changes: [change('state.json', before, after)],
        });
        const owners = stateOwners(from, undefined);
        if (!owners.includes(service)) expect(code).toBe('not_owner');
        else if (stageFaults(before, after).length > 0) expect(code).toBe('illegal_transition');
        // What remains is legal, or a line that only another service may write.
        else expect(['legal', 'bad_message']).toContain(code);
      }),
      { numRuns: 1000 },
    );
  });

  it('let the owner of each stage take every edge out of it', () => {
    for (const from of STAGES) {
      for (const to of STAGE_EDGES[from]) {
        const owner = STAGE_OWNER[from];
        if (owner === null) continue;
        const before = state(from, 5);
        const after = state(to, to === 'open' ? 6 : 5);
        // These two come with the submissions, whose line is theirs.
        const withSubmissions = from === 'open' ? [change('rounds/5/submissions.json', undefined, {})] : [];
        const changes = [change('state.json', before, after), ...withSubmissions];
        expect(verdict({ writer: owner, state: before, amendments: none, changes }), `${from}→${to}`).toBe('legal');
      }
    }
  });

  it('let the owner of a stage pause it and resume it', () => {
    for (const held of STAGES.filter((name) => STAGE_OWNER[name] !== null)) {
      const pause = [{ id: 1, at: '2026-01-01T00:00:00Z', reason: 'why', action: 'pause' as const, stage: held }];
      const owner = STAGE_OWNER[held] ?? 'operator';
      const go = (from: Stage, to: Stage) => {
        const before = state(from, 5);
        const changes = [change('state.json', before, state(to, 5))];
        return verdict({ writer: owner, state: before, amendments: () => pause, changes });
      };
      expect(go(held, 'paused'), `${held}→paused`).toBe('legal');
      expect(go('paused', held), `paused→${held}`).toBe('legal');
    }
  });

  it('let nobody but its writers write a file, in no stage but its own, for every file of the registry', () => {
    fc.assert(
      fc.property(writer, stage, fc.constantFrom(...Object.keys(PATHS)), (service, at, path) => {
        const planned = change(path, undefined, PATHS[path]);
        const code = verdict({ writer: service, state: state(at, 5), amendments: none, changes: [planned] });
        const { file } = planned;
        if (!file.writers.includes(service)) expect(code).toBe('not_owner');
        else if (file.stages !== undefined && !file.stages.includes(at)) expect(code).toBe('wrong_stage');
        else expect(['legal', 'not_announced']).toContain(code);
      }),
      { numRuns: 1000 },
    );
  });

  it("agree with the registry's own check about every change of a settled map", () => {
    const status = fc.constantFrom('pending', 'in_progress', 'failure' as const);
    const builds = fc
      .dictionary(fc.constantFrom(ALICE, BOB), status)
      .map(
        (map) =>
          Object.fromEntries(
            Object.entries(map).map(([key, value]) => [key, build(key as typeof BOB, value as 'pending')]),
          ) as Builds,
      );
    fc.assert(
      fc.property(builds, builds, (before, after) => {
        const faults = stateFiles.builds.change.check(before, after, { amendments: [], params: {} });
        const code = verdict({
          writer: 'generation-orchestrator',
          state: state('duels', 5),
          amendments: none,
          changes: [change('rounds/5/builds.json', before, after)],
        });
        expect(code).toBe(faults.some(({ severity }) => severity === 'error') ? 'settled' : 'legal');
      }),
    );
  });

  it('refuse a commit that holds the lines of two services', () => {
    const before = state('duels', 5);
    const changes = [
      change('rounds/5/builds.json', undefined, { [BOB]: build(BOB) }),
      change('rounds/5/matches_matrix.csv', undefined, []),
    ];
    expect(verdict({ writer: 'judge-service', state: before, amendments: none, changes })).toBe('not_owner');
  });
});

/** One path of every kind that stands alone in a commit, with a value. */
const PATHS: Readonly<Record<string, unknown>> = {
  'prompts.txt': [],
  allowed_signers: [],
  'leader.json': [],
  'rounds/6/schedule.json': {},
  'rounds/6/rules.json': {},
  'rounds/5/seed.json': {},
  'rounds/5/prompts.txt': [],
  'rounds/5/submissions.json': {},
  [`rounds/5/${BOB}/submitted.json`]: {},
  'rounds/5/builds.json': {},
  [`rounds/5/${BOB}/generated.json`]: {},
  [`rounds/5/${BOB}/pod_stats.json`]: {},
  'rounds/5/require_audit.json': [],
  'rounds/5/generation_audits.json': {},
  'rounds/5/source_audit.json': [],
  'rounds/5/matches_matrix.csv': [],
  [`rounds/5/${BOB}/duels_leader.json`]: { left: 'leader', right: BOB },
  'rounds/5/winner.json': { winner_hotkey: BOB },
  'rounds/5/amendments.json': [{ id: 1, action: 'pause' }],
};
