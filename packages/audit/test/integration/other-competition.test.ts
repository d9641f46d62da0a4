import { importCommits } from '@tiltyard/audit-testing';
import { describe, expect, it } from 'vitest';
import { auditRepository, exitStatus, reportText } from '../../src/index.js';
import { addCommit } from '../support/git.js';
import { scratch } from '../support/history.js';
import { QUIZ } from '../support/quiz.js';

const CONFIG = '{ "competition": "quiz", "question": "How far is the moon?" }\n';

/** Audits a quiz's history: its question, and then these commits, of whoever the trailer names. */
async function auditQuiz(commits: readonly (readonly [path: string, text: string, service: string])[]) {
  await using folder = await scratch();
  const first = {
    service: 'operator',
    message: 'Ask a question\n\nService: operator\nVersion: 1\n',
    at: new Date('2026-01-01'),
    files: new Map([['config.json', CONFIG]]),
  } as const;
  await importCommits(folder.dir, [first]);
  for (const [path, text, service] of commits) {
    addCommit(folder.dir, `Answer it\n\nService: ${service}\nVersion: 1\n`, { [path]: text });
  }
  return await auditRepository(QUIZ, { dir: folder.dir });
}

const found = ({ findings }: Awaited<ReturnType<typeof auditQuiz>>) =>
  findings.map(({ rule, severity, path }) => `${rule} ${severity} ${path}`);

describe('a competition of two files, audited by its table', () => {
  it('is found clean where everybody kept to it', async () => {
    const report = await auditQuiz([['answer.json', '{ "answer": "384400 km" }\n', 'host']]);
    expect(found(report)).toEqual([]);
    expect(exitStatus(report)).toBe(0);
    expect(report.rules).toMatchObject({ A1: { checked: 1 }, O1: { checked: 1 }, W4: { checked: 2 } });
    expect(reportText(QUIZ, report, { rules: true })).toMatch(/A1 answered-once +1 .*The question is answered once\./);
  });

  it('is found broken where a file that is written once is written again', async () => {
    const report = await auditQuiz([
      ['answer.json', '{ "answer": "384400 km" }\n', 'host'],
      ['answer.json', '{ "answer": "very far" }\n', 'host'],
    ]);
    expect(found(report)).toEqual(['A1 error answer.json']);
    expect(exitStatus(report)).toBe(1);
  });

  it('is found broken where a file is not its writer’s, or does not fit its schema', async () => {
    expect(found(await auditQuiz([['answer.json', '{ "answer": "far" }\n', 'operator']]))).toContain(
      'O1 error answer.json',
    );
    expect(found(await auditQuiz([['answer.json', '{ "answer": 7 }\n', 'host']]))).toEqual(['F2 error answer.json']);
  });
});
