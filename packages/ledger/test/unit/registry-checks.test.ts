import {
  type Amendment,
  type Amendments,
  type Builds,
  type CompetitionState,
  gen3d,
  heldStageFaults,
  knownPath,
  SERVICES,
  STAGE_EDGES,
  STAGE_OWNER,
  STAGES,
  type Stage,
  stageHeld,
  standingAt,
  stateFiles,
  stateOwners,
} from '@tiltyard/schema/gen3d';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LedgerError } from '../../src/index.js';
import { type CheckInput, checkCommit, type PlannedChange } from '../../src/registry-checks.js';
import { ALICE, BOB, build, leaderEntry, state } from '../support/state-files.js';

function change(path: string, before: unknown, after: unknown): PlannedChange {
  const known = knownPath(path);
  if (known === undefined) throw new RangeError(path);
  return { ...known, path, before, after };
}

interface Commit extends Pick<CheckInput, 'writer' | 'changes'> {
  readonly state: CompetitionState;
  readonly amendments: (round: number) => Amendments;
}

/** The code of the fault that the checks find, `legal` when they find none. */
function verdict({ writer, state: at, amendments, changes }: Commit): string {
  try {
    checkCommit({ competition: gen3d, writer, standing: standingAt(at, amendments), changes });
    return 'legal';
  } catch (error) {
    if (error instanceof LedgerError) return error.code;
    throw error;
  }
}

/** The amendments of a round in which these were ordered, one after the other. */
function ordered(...orders: readonly (readonly ['pause' | 'resume', Stage])[]): Amendments {
  return orders.map(([action, held], index) => ({ ...ORDER, id: index + 1, action, stage: held }));
}

const ORDER = { at: '2026-01-01T00:00:00Z', reason: 'why' };
const none = (): Amendments => [];
const writer = fc.constantFrom(...SERVICES);
const stage = fc.constantFrom(...STAGES);
const orders = fc.array(fc.tuple(fc.constantFrom('pause' as const, 'resume' as const), stage), { maxLength: 3 });

describe('the registry checks', () => {
  it('agree with the stage machine about every transition of every service under all orders', () => {
    fc.assert(
      fc.property(writer, stage, stage, fc.integer({ min: -1, max: 2 }), orders, (service, from, to, rise, given) => {
        const before = state(from, 5);
        const after = state(to, 5 + rise);
        const amendments = ordered(...given);
        const code = verdict({
          writer: service,
          state: before,
          amendments: () => amendments,
          changes: [change('state.json', before, after)],
        });
        const owners = stateOwners(from, stageHeld(amendments));
        if (!owners.includes(service)) expect(code).toBe('not_owner');
        else if (heldStageFaults(before, after, amendments).length > 0) expect(code).toBe('illegal_transition');
        // What remains is legal, or a line that only another service may write.
        else expect(['legal', 'bad_message']).toContain(code);
      }),
      { numRuns: 2000 },
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

  it('let the owner of a stage pause it and resume it when the operator orders that, and not before', () => {
    for (const held of STAGES.filter((name) => STAGE_OWNER[name] !== null)) {
      const go = (from: Stage, to: Stage, amendments: Amendments) => {
        const before = state(from, 5);
        const changes = [change('state.json', before, state(to, 5))];
        return verdict({
          writer: STAGE_OWNER[held] ?? 'operator',
          state: before,
          amendments: () => amendments,
          changes,
        });
      };
      const pause = ordered(['pause', held]);
      const resume = ordered(['pause', held], ['resume', held]);
      const elsewhere = held === 'open' ? 'duels' : 'open';
      expect(go(held, 'paused', []), `${held}→paused`).toBe('illegal_transition');
      expect(go(held, 'paused', pause), `${held}→paused`).toBe('legal');
      expect(go(held, 'paused', resume), `${held}→paused`).toBe('illegal_transition');
      expect(go(held, 'paused', ordered(['pause', elsewhere])), `${held}→paused`).toBe('illegal_transition');
      expect(go('paused', held, pause), `paused→${held}`).toBe('illegal_transition');
      expect(go('paused', held, resume), `paused→${held}`).toBe('legal');
      expect(go('paused', elsewhere, resume), `paused→${elsewhere}`).toBe('illegal_transition');
    }
  });

  it('let only its writers write a file, only in its stages, for every file of the registry', () => {
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

  it.each<
    readonly [string, 'judge-service' | 'generation-orchestrator' | 'round-manager' | 'operator', string, unknown]
  >([
    ['wrong_amendment', 'generation-orchestrator', 'rounds/5/builds.json', { [BOB]: { ...build(BOB), amendment: 3 } }],
    ['misplaced', 'judge-service', `rounds/5/${BOB}/duels_leader.json`, { left: 'leader', right: ALICE }],
    [
      'wrong_amendment',
      'judge-service',
      `rounds/5/${BOB}/duels_leader.json`,
      { left: 'leader', right: BOB, amendment: 1 },
    ],
    [
      'written_once',
      'judge-service',
      'rounds/5/matches_matrix.csv',
      [0.25, 0.5].map((margin) => ({ left: 'leader', right: BOB, margin })),
    ],
    ['out_of_order', 'operator', 'rounds/5/amendments.json', ordered(['resume', 'duels'])],
    ['out_of_order', 'round-manager', 'leader.json', [leaderEntry(100), leaderEntry(100)]],
  ])('refuse as %s what the %s writes into a new file: %s', (code, service, path, value) => {
    const at = state(service === 'round-manager' ? 'finalizing' : 'duels', 5);
    const changes = [change(path, undefined, value)];
    expect(verdict({ writer: service, state: at, amendments: none, changes })).toBe(code);
  });

  it('let a new file follow an amendment of its own round, and refuse one that falls back behind it', () => {
    const retry: Amendment = { ...ORDER, id: 1, action: 'retry_build', hotkey: BOB };
    const amendments = (round: number) => (round === 5 ? [retry] : []);
    const builds = (amendment?: number) => ({
      [BOB]: { ...build(BOB), ...(amendment === undefined ? {} : { amendment }) },
    });
    const go = (before: unknown, after: unknown) =>
      verdict({
        writer: 'generation-orchestrator',
        state: state('duels', 5),
        amendments,
        changes: [change('rounds/5/builds.json', before, after)],
      });
    expect(go(undefined, builds(1))).toBe('legal');
    expect(go(builds(), builds(1))).toBe('legal');
    expect(go(builds(1), builds())).toBe('wrong_amendment');
  });

  it('refuse a file of another round than the one that its line names', () => {
    const before = state('finalizing', 5);
    const changes = [
      change('state.json', before, state('finished', 5)),
      change('rounds/6/schedule.json', undefined, {}),
    ];
    const input = { writer: 'round-manager' as const, state: before, amendments: none };
    expect(verdict({ ...input, changes })).toBe('not_announced');
    expect(verdict({ ...input, changes: [change('state.json', before, state('open', 6)), ...changes.slice(1)] })).toBe(
      'legal',
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
