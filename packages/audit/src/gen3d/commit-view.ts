import type { Amendments, CompetitionState, Config } from '@tiltyard/schema/gen3d';
import type { CommitView } from '../replay/commit-view.js';
import type { Tree } from '../replay/tree.js';
import { fileOf, valueIn } from './tree.js';

/** state.json at the parent. */
export function stateBefore(at: CommitView): CompetitionState | undefined {
  return valueIn(at.parent, 'state', {});
}

/** What only ours writes into config.json, in every competition that is on a chain. */
const OUR_FIELDS = ['netuid', 'genesis_hash'] as const;

/** Whether a config.json names what the reference does not know. */
export function namesOurFields(config: Config): boolean {
  return OUR_FIELDS.some((field) => config[field] !== undefined);
}

/** Whether a tree is one of ours, whatever its commits say of themselves: a repository may have begun with the reference. */
export function bearsOurMarks(tree: Tree): boolean {
  const round = valueIn(tree, 'state', {})?.current_round;
  if (round === undefined) return false;
  const config = valueIn(tree, 'config', {});
  return (config !== undefined && namesOurFields(config)) || fileOf(tree, 'rules', { round }) !== undefined;
}

/** A round's amendments at the parent: what a service could know when it wrote the commit. */
export function amendmentsBefore(at: CommitView, round: number): Amendments {
  return valueIn(at.parent, 'amendments', { round }) ?? [];
}

/**
 * Whether our services did what a commit did in a round: what holds of their work only is asked of no round that began
 * under the reference implementation.
 */
export function isOwnWork(at: CommitView, round: number): boolean {
  if (at.dialect === 'reference') return false;
  return at.author.trailer !== undefined || bearsOurMarks(at.tree) || fileOf(at.tree, 'rules', { round }) !== undefined;
}
