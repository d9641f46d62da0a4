import { thresholdsOf } from '@tiltyard/rules/gen3d';
import type { Side } from '@tiltyard/schema';
import { type Config, type Generations, type Stage, type Stem, stemOf, type Thresholds } from '@tiltyard/schema/gen3d';
import type { SyntheticOptions } from './synthetic-commit.js';
import { type SyntheticMiner, syntheticMiners, syntheticResult } from './synthetic-content.js';
import type { SyntheticLedger } from './synthetic-ledger.js';

/** What a round is played with. */
export interface SyntheticRound {
  readonly round: number;
  readonly ledger: SyntheticLedger;
  readonly options: Required<SyntheticOptions>;
  readonly config: Config;
}

/** The round's thresholds. */
export function rulesOf({ ledger, config, round }: SyntheticRound): Thresholds {
  return thresholdsOf(config, ledger.read('rules', { round }));
}

/** The round's prompts; none before they are drawn. */
export function promptsOf({ ledger, round }: SyntheticRound): readonly string[] {
  return ledger.read('prompts', { round }) ?? [];
}

/** Who takes part. */
export function minersOf({ options, round }: SyntheticRound): readonly SyntheticMiner[] {
  return syntheticMiners(options.miners, options.seed, round);
}

/** state.json in a stage of the round. */
export function stateOf({ round }: SyntheticRound, stage: Stage) {
  return { current_round: round, stage, next_stage_eta: null };
}

/** A side's files for every prompt of the round. */
export function filesOf(context: SyntheticRound, side: Side, index: number): Generations {
  const { round, options } = context;
  const entries = promptsOf(context).map((line): [Stem, Generations[Stem]] => {
    const stem = stemOf(line);
    return [stem, syntheticResult(stem, { side, round, index }, options.dialect === 'ours')];
  });
  return Object.fromEntries(entries) as Generations;
}

/** The same map growing, the last one whole. */
export function* inBatches(all: Generations, { options }: SyntheticRound): Generator<Generations> {
  const entries = Object.entries(all);
  for (let batch = 1; batch <= options.batches; batch += 1) {
    yield Object.fromEntries(entries.slice(0, Math.ceil((entries.length * batch) / options.batches))) as Generations;
  }
}

/** What an earlier stage wrote. @throws TypeError where it did not. */
export function needed<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('a synthetic round lacks a file that an earlier stage writes');
  return value;
}
