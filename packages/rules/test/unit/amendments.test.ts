import { type BlockNumber, LEADER } from '@tiltyard/schema';
import {
  Amendments,
  type Build,
  type Builds,
  Config,
  type GenerationAudits,
  RULES_DEFAULTS,
} from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import { standings } from '../../src/gen3d/audit/audit-standing.js';
import { marginsOf } from '../../src/gen3d/duel/matrix.js';
import {
  generationDeadline,
  projectAmendments,
  standingAudits,
  standingBuilds,
} from '../../src/gen3d/round/amendments.js';
import { thresholdsOf } from '../../src/gen3d/round/thresholds.js';
import { commit, hotkey } from '../support/samples.js';

const [A, B] = [hotkey(0), hotkey(1)];
const amended = (...actions: readonly Record<string, unknown>[]) =>
  projectAmendments(
    Amendments.parse(actions.map((action, n) => ({ id: n + 1, at: '2026-03-01T00:00:00Z', reason: 'why', ...action }))),
  );

describe('an amendment', () => {
  it('voids an audit until it has been given again under it', () => {
    const audit = {
      hotkey: A,
      outcome: 'rejected',
      checked_prompts: 1,
      failed_prompts: 1,
      failed_critical: 0,
      generation_time: 1,
      reason: 'x',
    } as const;
    const audits: GenerationAudits = { [A]: audit, [B]: { ...audit, hotkey: B } };
    const voided = amended({ action: 'void_audit', hotkey: A });
    expect(Object.keys(standingAudits(audits, voided))).toEqual([B]);
    const standing = (given: GenerationAudits) =>
      standings({ generationAudits: standingAudits(given, voided), sourceAudits: [], requireSourceAudit: false })(A)
        .status;
    expect(standing(audits)).toBe('open');
    expect(standing({ [A]: { ...audit, amendment: 1 } })).toBe('rejected');
    const twice = amended({ action: 'void_audit', hotkey: A }, { action: 'void_audit', hotkey: A });
    expect(standingAudits({ [A]: { ...audit, amendment: 1 } }, twice)).toEqual({});
  });

  it('opens a build again until it has been retried under it', () => {
    const build: Build = {
      repo: 'a/b',
      commit: commit('a'),
      revealed_at_block: 1 as BlockNumber,
      tag: 't',
      status: 'failure',
      docker_image: null,
    };
    const builds: Builds = { [A]: build, [B]: { ...build, amendment: 1 } };
    const retried = amended({ action: 'retry_build', hotkey: B }, { action: 'retry_build', hotkey: A });
    expect(Object.keys(standingBuilds(builds, retried))).toEqual([B]);
  });

  it('opens a match again until its report says that it was judged under it', () => {
    const rows = [
      { left: LEADER, right: A, margin: 0.1 },
      { left: LEADER, right: B, margin: 0.2 },
    ] as const;
    const ordered = amended({ action: 'rejudge_match', left: LEADER, right: A });
    const before = marginsOf(rows, { amended: ordered });
    expect([before(LEADER, A), before(LEADER, B), before(A, B)]).toEqual([undefined, 0.2, undefined]);
    const again = [...rows, { left: LEADER, right: A, margin: -0.3 } as const];
    expect(marginsOf(again, { amended: ordered, reportAmendment: () => 1 })(LEADER, A)).toBe(-0.3);
  });

  it('excludes a hotkey from all that follows', () => {
    expect([...amended({ action: 'exclude_hotkey', hotkey: B }).excluded]).toEqual([B]);
  });

  it('moves the deadline back, never forward', () => {
    const schedule = {
      earliest_reveal_block: 1 as BlockNumber,
      latest_reveal_block: 5 as BlockNumber,
      generation_deadline_block: 100 as BlockNumber,
    };
    const extended = (block: number) => amended({ action: 'extend_deadline', generation_deadline_block: block });
    expect(generationDeadline(schedule, extended(150))).toBe(150);
    expect(generationDeadline(schedule, extended(50))).toBe(100);
    expect(generationDeadline(schedule, amended())).toBe(100);
    const { generation_deadline_block: _, ...without } = schedule;
    expect(generationDeadline(without, extended(150))).toBeUndefined();
  });

  it('holds and releases the competition, the last word counting', () => {
    const pause = { action: 'pause', stage: 'duels' };
    const resume = { action: 'resume', stage: 'duels' };
    expect(amended().hold).toEqual({ kind: 'none' });
    expect(amended(pause).hold).toEqual({ kind: 'held', stage: 'duels' });
    expect(amended(pause, resume).hold).toEqual({ kind: 'released', stage: 'duels' });
    expect(amended(pause, resume, pause).hold).toEqual({ kind: 'held', stage: 'duels' });
  });
});

describe('thresholds', () => {
  const config = (changes: Record<string, unknown> = {}) =>
    Config.parse({
      name: 'mesh',
      description: '',
      first_evaluation_date: '2026-02-02',
      last_competition_date: '2026-12-31',
      round_start_time: '08:00:00',
      generation_stage_minutes: 120,
      win_margin: 0.05,
      weight_decay: 0.2,
      weight_floor: 0.2,
      prompts_per_round: 128,
      carryover_prompts: 32,
      ...changes,
    });

  it("are the running competition's where nothing else is said", () => {
    expect(thresholdsOf(config())).toEqual(RULES_DEFAULTS);
  });

  it('follow from the config: the win margin, and one mismatch in twenty prompts', () => {
    const thresholds = thresholdsOf(config({ win_margin: 0.1, prompts_per_round: 59 }));
    expect(thresholds.tournament.win_margin).toBe(0.1);
    expect(thresholds.verification.max_mismatched_prompts).toBe(2);
  });

  it('are those that the config sets, one by one', () => {
    const thresholds = thresholdsOf(
      config({
        verification: { max_mismatched_prompts: 9 },
        limits: { bounds: 0.5 },
        generation: { overtime_tolerance_ratio: 0.1 },
        tournament: { require_source_audit: false },
        judging: { strategy: 'multi-stage' },
      }),
    );
    expect(thresholds.verification).toEqual({ ...RULES_DEFAULTS.verification, max_mismatched_prompts: 9 });
    expect(thresholds.limits).toEqual({ ...RULES_DEFAULTS.limits, bounds: 0.5 });
    expect(thresholds.generation.overtime_tolerance_ratio).toBe(0.1);
    expect(thresholds.tournament.require_source_audit).toBe(false);
    expect(thresholds.judging.strategy).toBe('multi-stage');
  });

  it("are the round's own where it has rules, whatever the config says today", () => {
    const frozen = { ...RULES_DEFAULTS, tournament: { ...RULES_DEFAULTS.tournament, win_margin: 0.07 } };
    expect(thresholdsOf(config({ win_margin: 0.5 }), frozen)).toEqual(frozen);
  });

  it('are the defaults for what an earlier version did not name in a rules.json', () => {
    const limits = { max_glb_bytes: 1, bounds: 2, max_meshes: null, max_triangles: 3, max_image_pixels: 4 };
    const { pod_healthy_minutes: _, ...generation } = RULES_DEFAULTS.generation;
    const older = { ...RULES_DEFAULTS, limits, generation };
    const changed = config({ limits: { miner_seconds: 1 }, generation: { pod_healthy_minutes: 1 } });
    expect(thresholdsOf(changed, older)).toEqual({
      ...RULES_DEFAULTS,
      limits: { ...RULES_DEFAULTS.limits, ...limits },
    });
  });
});
