import type { FileProblem } from '../replay/tree.js';
import type { Rule } from './rule.js';

/** Whether what stands in a state file can be read. A file that cannot be disables only the rules that need it. */
export const FORMAT_RULES: readonly Rule[] = [
  formatRule('F1', 'Every state file is a plain file that parses.', (problem) => {
    if (problem.kind === 'not_a_file') return 'is no plain file';
    return problem.kind === 'unreadable' ? problem.detail : undefined;
  }),
  formatRule('F2', 'Every state file fits its schema.', (problem) =>
    problem.kind === 'invalid' ? problem.detail : undefined,
  ),
];

function formatRule(id: 'F1' | 'F2', says: string, tellProblem: (problem: FileProblem) => string | undefined): Rule {
  return {
    id,
    severity: 'error',
    says,
    check(at, tell) {
      for (const { path, after } of at.changes) {
        if (after === undefined || after.content.problem?.kind === 'missing') continue;
        tell.looked();
        const detail = after.content.problem === undefined ? undefined : tellProblem(after.content.problem);
        if (detail !== undefined) tell.fault({ path, detail });
      }
    },
  };
}
