import type { StateFileName } from '@tiltyard/schema/gen3d';
import type { CommitView } from '../../replay/commit-view.js';
import type { Rule } from '../rule.js';
import { fileOf, valueIn } from '../tree.js';

/** What the start of a competition writes, all of it of round 0. */
const BEGINNING: ReadonlySet<string> = new Set<StateFileName>([
  'config',
  'promptPool',
  'allowedSigners',
  'state',
  'leader',
  'schedule',
  'rules',
]);
const PATHS_TOLD = 3;

/** A competition begins once, with a round that is not played yet. */
export const BEGINNING_RULE: Rule = {
  id: 'H1',
  severity: 'error',
  only: 'ours',
  check(at, tell) {
    if (fileOf(at.parent, 'state', {}) !== undefined) return;
    for (const detail of beginningFaults(at)) tell.fault({ detail });
  },
};

/**
 * What is wrong with a commit before which there was no competition. Whoever begins with rounds that are over leaves
 * nobody anything to check them by.
 */
function* beginningFaults(at: CommitView): Generator<string> {
  const early = at.changes.filter(
    ({ known, after }) => after !== undefined && (!BEGINNING.has(known.name) || (known.params.round ?? 0) > 0),
  );
  if (early.length > 0) {
    const paths = early.slice(0, PATHS_TOLD).map(({ path }) => path);
    const more = early.length > PATHS_TOLD ? ` and ${early.length - PATHS_TOLD} more` : '';
    yield `a competition begins without ${paths.join(', ')}${more}: nothing tells how they came about`;
  }
  const state = valueIn(at.tree, 'state', {});
  if (state !== undefined && (state.current_round !== 0 || state.stage !== 'open')) {
    yield `begins in round ${state.current_round}, ${state.stage}, and not in round 0, open`;
  }
  const leaders = valueIn(at.tree, 'leader', {})?.length ?? 0;
  if (leaders > 1) yield `begins with ${leaders} entries in leader.json, where one base leader is due`;
}
