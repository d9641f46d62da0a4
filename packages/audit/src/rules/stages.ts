import type { Rule } from './rule.js';

/** When which file may be written. */
export const STAGE_RULES: readonly Rule[] = [
  {
    id: 'S1',
    severity: 'error',
    check(at, tell) {
      const { stage } = at.standing;
      if (at.author.by !== 'service' || stage === undefined) return;
      for (const { path, known } of at.changes) {
        const { stages } = known.file;
        if (stages === undefined) continue;
        tell.looked();
        if (stages.includes(stage)) continue;
        tell.fault({ path, detail: `written in ${stage}, which is not ${stages.join(', ')}` });
      }
    },
  },
  {
    id: 'S2',
    severity: 'error',
    check(at, tell) {
      const { round: current } = at.standing;
      if (at.author.by !== 'service' || current === undefined) return;
      for (const { path, known } of at.changes) {
        const { round } = known.params;
        if (round === undefined) continue;
        tell.looked();
        const expected = current + (known.file.round === 'next' ? 1 : 0);
        if (round !== expected) tell.fault({ path, detail: `written for round ${round}, when ${expected} was due` });
      }
    },
  },
];
