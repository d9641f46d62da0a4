import type { DemoAudit } from './audit-demo-repository.js';
import type { DemoFolder } from './demo-folder.js';
import type { RoundReport } from './story/round-report.js';
import type { LeaderRow, WeightRow } from './story/standings.js';

/** What a demo came to. */
export interface DemoResult {
  /** True when the competition ended as it should and the auditor found no error. */
  readonly ok: boolean;
  /** How the competition differs from what the sample miners' characters make certain; empty when it does not. */
  readonly deviations: readonly string[];
  readonly seconds: {
    readonly setup: number;
    /** From nothing to the weights on chain: the network's start, all rounds, the jump to the leader's block. */
    readonly competition: number;
  };
  /** What stays when the demo is over. */
  readonly folder: DemoFolder;
  readonly rounds: readonly RoundReport[];
  /** leader.json, oldest first. */
  readonly leaders: readonly LeaderRow[];
  /** What the validator has set on chain; equal to the leader in effect. */
  readonly weights: readonly WeightRow[];
  readonly audit: DemoAudit;
  /** One text for each sample miner. */
  readonly outcomes: Readonly<Record<string, string>>;
  /** The most memory that all processes used at one time, this one included: proportional set sizes, sampled. */
  readonly peakPssBytes: number;
  /** Services that were killed and started again. */
  readonly kills: number;
}
