import type { Dialect } from '@tiltyard/audit/gen3d';
import type { AmendmentAction, ServiceName } from '@tiltyard/schema/gen3d';

/** One commit of a history in the making. */
export interface SyntheticCommit {
  readonly service: ServiceName;
  readonly message: string;
  readonly at: Date;
  /** Path → text; null deletes. */
  readonly files: ReadonlyMap<string, string | null>;
}

/** A correction that an operator orders; a competition that is held goes on again. */
export type SyntheticOrder = Exclude<AmendmentAction, 'resume'>;

/** How large a synthetic competition is, and of what kind. */
export interface SyntheticOptions {
  /** Rounds that are played to their end. */
  readonly rounds?: number;
  readonly miners?: number;
  readonly prompts?: number;
  readonly carryover?: number;
  /** The same seed gives the same history, byte for byte. */
  readonly seed?: number;
  readonly dialect?: Dialect;
  /** In how many commits a side's files, and the builds, come in. */
  readonly batches?: number;
  /** Whether reports hold the judges' penalties, as ours do. */
  readonly judgeDetail?: boolean;
  /** How many characters a judge writes about a duel. */
  readonly issuesCharacters?: number;
  /**
   * What the operator orders in the last round, in this order, and services follow: each once the round could be decided,
   * about who leads then; an extension of the deadline before it has passed.
   */
  readonly orders?: readonly SyntheticOrder[];
}

export const SYNTHETIC_DEFAULTS: Required<SyntheticOptions> = {
  rounds: 2,
  miners: 6,
  prompts: 24,
  carryover: 6,
  seed: 1,
  dialect: 'ours',
  batches: 2,
  judgeDetail: true,
  issuesCharacters: 40,
  orders: [],
};
