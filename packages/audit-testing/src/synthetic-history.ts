import { startCompetition } from '@tiltyard/rules/gen3d';
import { Hotkey } from '@tiltyard/schema';
import { Config, RULES_DEFAULTS } from '@tiltyard/schema/gen3d';
import { importCommits } from './synthetic/fast-import.js';
import { SYNTHETIC_DEFAULTS, type SyntheticCommit, type SyntheticOptions } from './synthetic/synthetic-commit.js';
import { SYNTHETIC_MODEL, syntheticPool } from './synthetic/synthetic-content.js';
import { SyntheticLedger } from './synthetic/synthetic-ledger.js';
import { playRound } from './synthetic/synthetic-round.js';

export { importCommits } from './synthetic/fast-import.js';
export {
  SYNTHETIC_DEFAULTS,
  type SyntheticCommit,
  type SyntheticOptions,
  type SyntheticOrder,
} from './synthetic/synthetic-commit.js';
export { syntheticBlockHash } from './synthetic/synthetic-ledger.js';

/**
 * The commits of a competition that never was, oldest first: every decision in it is made by the rules that decide real
 * ones, so an audit of it finds nothing. For tests that break one thing, and for measuring.
 *
 * @example
 * await importCommits(dir, syntheticHistory({ rounds: 7, miners: 36, prompts: 128 }));
 */
export function* syntheticHistory(options: SyntheticOptions = {}): Generator<SyntheticCommit> {
  const all = { ...SYNTHETIC_DEFAULTS, ...options };
  const ledger = new SyntheticLedger(all.dialect);
  const config = syntheticConfig(all);
  const first = startCompetition({
    config,
    now: ledger.now,
    baseLeader: {
      hotkey: Hotkey.parse(`5${'B'.repeat(47)}`),
      repo: 'synthetic/base',
      commit: '0123456789abcdef0123456789abcdef01234567',
      docker: 'registry.synthetic.invalid/base:1',
      weight: 1,
      effective_block: ledger.now.block as never,
    },
    software: { name: 'synthetic', version: '0.1.0', commit: '' },
    rendering: RULES_DEFAULTS.rendering,
  });
  if (first === undefined) throw new TypeError('the synthetic calendar has no room for a round');
  ledger.write('config', {}, config).write('promptPool', {}, syntheticPool(all.prompts, all.seed));
  ledger.write('state', {}, first.state).write('leader', {}, first.leader);
  ledger.write('schedule', { round: 0 }, first.schedule);
  if (all.dialect === 'ours') ledger.write('rules', { round: 0 }, first.rules);
  const start = ledger.commit('operator');
  yield all.dialect === 'ours' ? start : { ...start, message: 'Preparing for the start of the competition\n' };
  for (let round = 0; round < all.rounds; round += 1) yield* playRound({ round, ledger, options: all, config });
}

/** Writes a synthetic competition into a new bare repository. */
export function writeSyntheticHistory(
  dir: string,
  options: SyntheticOptions = {},
): Promise<{ readonly tip: string; readonly commits: number }> {
  return importCommits(dir, syntheticHistory(options));
}

function syntheticConfig({ prompts, carryover, seed }: Required<SyntheticOptions>): Config {
  return Config.parse({
    name: `synthetic-${seed}`,
    description: 'A competition that never was',
    first_evaluation_date: '2026-01-02',
    last_competition_date: '2099-12-31',
    round_start_time: '08:00:00',
    generation_stage_minutes: 120,
    finalization_buffer_hours: 1,
    win_margin: 0.05,
    weight_decay: 0.2,
    weight_floor: 0.2,
    prompts_per_round: prompts,
    carryover_prompts: carryover,
    round_duration_days: 3,
    // No one reads source code here. Of the judging, a report needs only a name.
    tournament: { require_source_audit: false },
    judging: { judges: [{ model: SYNTHETIC_MODEL }] },
  });
}
