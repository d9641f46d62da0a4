import type { Rule } from './rule.js';

/** What holds of the history as such: it is one line of commits, it only grows, and all of it is there. */
export const LINEAGE_RULES: readonly Rule[] = [
  {
    id: 'H1',
    severity: 'error',
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
