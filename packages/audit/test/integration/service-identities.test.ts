import type { SyntheticCommit } from '@tiltyard/audit-testing';
import { describe, expect, it } from 'vitest';
import { auditCommits, EditableHistory, smallHistory } from '../support/history.js';

const REFERENCE = smallHistory('reference');
const LINE = 'Update state (downloading) for round 1';

/** What W1 tells of a history in which somebody moves the estimate of a stage, twice, in a service's words. */
async function told(
  commits: readonly SyntheticCommit[],
  author: SyntheticCommit['service'],
): Promise<readonly string[]> {
  let history = new EditableHistory(commits, 'reference');
  const at = history.writing(/^rounds\/1\/\w+\/submitted/);
  const { text } = history.read(/^state\.json$/, at);
  for (const minute of [1, 2]) {
    const eta = `2026-01-06T00:0${minute}:00Z`;
    history = history.insert(at, author === 'operator' ? 'person' : author, [LINE], {
      'state.json': { ...(JSON.parse(text) as object), next_stage_eta: eta },
    });
  }
  const report = await auditCommits(history.commits);
  return report.findings.filter(({ rule }) => rule === 'W1').map(({ severity, detail }) => `${severity} ${detail}`);
}

/** The same commits, those of all services by one author. */
const byOne = REFERENCE.map(
  (commit): SyntheticCommit => (commit.service === 'operator' ? commit : { ...commit, service: 'judge-service' }),
);

describe("a service's message in the reference dialect", () => {
  it('is reported, once, where its author is not the one that the service had before (W1)', async () => {
    expect(await told(REFERENCE, 'operator')).toEqual([
      expect.stringMatching(
        /^warn its message is of .*submission-collector.*, and its author operator <operator@synthetic\.invalid>, /,
      ),
    ]);
    expect(await told(REFERENCE, 'generation-orchestrator')).toEqual([
      expect.stringContaining(
        'its author generation-orchestrator <generation-orchestrator@synthetic.invalid>, where it',
      ),
    ]);
  });

  it('is reported where all services had one author, and this one has another (W1)', async () => {
    expect(await told(byOne, 'round-manager')).toEqual([
      expect.stringContaining('its author round-manager <round-manager@synthetic.invalid>, where it was judge-service'),
    ]);
  });

  it.each([
    ['an author for each service', REFERENCE],
    ['one author for all services', byOne],
  ])('is not told of %s', async (_what, commits) => {
    const { findings } = await auditCommits(commits);
    expect(findings.filter(({ rule }) => rule === 'W1')).toEqual([]);
  });
});
