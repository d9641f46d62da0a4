import type { StateFileName } from '@tiltyard/schema/gen3d';
import type { CommitView } from '../replay/commit-view.js';
import { fileOf, valueIn } from '../replay/tree.js';
import type { Rule } from './rule.js';

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

/** What holds of the history as such: it is one line of commits, it only grows, and all of it is there. */
export const LINEAGE_RULES: readonly Rule[] = [
  {
    id: 'H1',
    severity: 'error',
    check(at, tell) {
      const { commit } = at;
      tell.looked();
      if (at.dialect === 'ours' && fileOf(at.parent, 'state', {}) === undefined) {
        for (const detail of beginningFaults(at)) tell.fault({ detail });
      }
      if (commit.parents.length > 1) {
        const parents = commit.parents.map((parent) => parent.slice(0, 7)).join(' and ');
        tell.fault({ detail: `a merge of ${parents}: what came in by the second parent is seen as this commit's own` });
      }
    },
  },
  {
    // Checked against the repository by `auditRepository`, before the replay: it is about no commit's content.
    id: 'H2',
    severity: 'error',
    check() {},
  },
  {
    id: 'H3',
    severity: 'error',
    check({ changes }, tell) {
      for (const { path, known, after } of changes) {
        if (after === undefined) continue;
        tell.looked();
        if (after.content.problem?.kind !== 'missing') continue;
        const decides = known.file.change.kind !== 'report';
        const left = decides ? 'it decides, and what needs it cannot be checked' : 'nothing is decided from it';
        const detail = `blob ${after.blob.slice(0, 7)} is not here: ${left}`;
        tell.fault({ path, detail, severity: decides ? 'error' : 'info' });
      }
    },
  },
  {
    id: 'H4',
    severity: 'error',
    check({ commit }, tell) {
      tell.looked();
      for (const detail of commit.faults) tell.fault({ detail });
    },
  },
];

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
