import type { FileChange } from '../replay/file-change.js';
import type { TextRemark } from '../replay/text-remarks.js';
import type { FileContent, FileProblem } from '../replay/tree.js';
import type { Rule } from './rule.js';

/** Whether what stands in a state file can be read. A file that cannot be disables only the rules that need it. */
export const FORMAT_RULES: readonly Rule[] = [
  formatRule('F1', (problem) => {
    if (problem.kind === 'not_a_file') return 'is no plain file';
    return problem.kind === 'unreadable' ? problem.detail : undefined;
  }),
  formatRule('F2', (problem, { before }) => {
    if (problem.kind === 'invalid') return problem.detail;
    // A format that was left behind does not come back by itself.
    const wasPresent = isOfPresentFormat(before?.content);
    return problem.kind === 'other_format' && wasPresent ? `${problem.detail}, and was of the present one` : undefined;
  }),
  {
    // Told once for each format and not at every commit: `FormatNotes` gathers what there is of each.
    id: 'F3',
    severity: 'info',
    check() {},
  },
];

function isOfPresentFormat(content: FileContent | undefined): boolean {
  return content !== undefined && content.problem === undefined && content.format === undefined;
}

function formatRule(
  id: 'F1' | 'F2',
  tellProblem: (problem: FileProblem, change: FileChange) => string | undefined,
): Rule {
  return {
    id,
    severity: 'error',
    check(at, tell) {
      for (const change of at.changes) {
        const { path, after } = change;
        if (after === undefined || after.content.problem?.kind === 'missing') continue;
        tell.looked();
        const { problem, stray } = after.content;
        const detail = stray === undefined ? problem && tellProblem(problem, change) : id === 'F2' ? stray : undefined;
        if (detail !== undefined) tell.fault({ path, detail });
        if (id === 'F1') for (const remark of newRemarks(change)) tell.fault({ path, ...remark });
      }
    },
  };
}

/** What is odd about a file's bytes, told where it begins. */
function newRemarks({ before, after }: FileChange): readonly TextRemark[] {
  const known = new Set(before?.content.remarks?.map(({ severity, detail }) => `${severity} ${detail}`));
  return (after?.content.remarks ?? []).filter(({ severity, detail }) => !known.has(`${severity} ${detail}`));
}
