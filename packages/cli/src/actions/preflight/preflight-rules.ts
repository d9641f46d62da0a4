import { promptOf, RULES_DEFAULTS, stateFiles, type Thresholds } from '@tiltyard/schema/gen3d';
import { readRound } from '@tiltyard/service-kit/gen3d';
import { openRepository } from '../../open-repository.js';
import { knownRemote, type RepositoryOptions } from '../../options/repository-options.js';
import type { Terminal } from '../../terminal/terminal.js';

/** What files are checked against: a round's rules and prompts, or the running competition's constants. */
export interface PreflightRules {
  /** Null where no repository is known: then the defaults apply. */
  readonly round: number | null;
  readonly rules: Thresholds;
  /** The names of the round's prompts, once they are published. */
  readonly stems: readonly string[] | undefined;
}

/** Reads the rules of the round that is meant. @throws StateError, LedgerError. */
export async function preflightRules(
  options: RepositoryOptions & { readonly round?: number },
  terminal: Terminal,
): Promise<PreflightRules> {
  if (knownRemote(options, terminal) === undefined) return { round: null, rules: RULES_DEFAULTS, stems: undefined };
  await using ledger = await openRepository(options, terminal);
  const snapshot = await ledger.snapshot(terminal.signal);
  const { round, rules } = await readRound(snapshot, options.round);
  const lines = await snapshot.read(stateFiles.prompts, { round });
  return { round, rules, stems: lines?.map((line) => promptOf(line).stem) };
}
