import type { ValueOf } from '@tiltyard/schema';
import type { StateFileName, stateFiles } from '@tiltyard/schema/gen3d';
import * as shared from '../rules/rule.js';
import type { RuleId } from './rule-names.js';

export { naming, type Outside, several, type Tell } from '../rules/rule.js';

type Files = typeof stateFiles;

/** A rule of the 3D competition. */
export type Rule = shared.Rule<RuleId>;

/** One of its state files as a commit left it. */
export type WrittenFile<Name extends StateFileName> = shared.WrittenFile<Files[Name]>;

/** Says what is wrong with the content of a state file, at every commit that writes one. */
export function contentRule<Name extends StateFileName>(
  facts: Pick<Rule, 'id' | 'severity' | 'only'>,
  name: Name,
  check: (value: ValueOf<Files[Name]>, file: WrittenFile<Name>, outside: shared.Outside) => void | Promise<void>,
): Rule {
  return shared.contentRule<Files[Name], RuleId>(facts, name, check);
}
