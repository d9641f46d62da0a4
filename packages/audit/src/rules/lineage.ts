import type { Rule } from './rule.js';

/** What holds of the history as such: it is one line of commits, it only grows, and all of it is there. */
export const LINEAGE_RULES: readonly Rule[] = [
  {
    id: 'H1',
    severity: 'error',
    says: 'The history is one line: no merges, no second beginning.',
    check({ commit }, tell) {
      tell.looked();
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
    says: 'A tip that was seen before is still part of the history.',
    check() {},
  },
  {
    id: 'H3',
    severity: 'info',
    says: 'Every state file of the history is in this repository.',
    check({ changes }, tell) {
      for (const { path, after } of changes) {
        if (after === undefined) continue;
        tell.looked();
        if (after.content.problem?.kind === 'missing') {
          tell.fault({ path, detail: `blob ${after.blob.slice(0, 7)} is not here: what needs it cannot be checked` });
        }
      }
    },
  },
];
