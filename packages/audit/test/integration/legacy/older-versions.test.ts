import type { SyntheticCommit } from '@tiltyard/audit-testing';
import { describe, expect, it } from 'vitest';
import { ALWAYS } from '../../support/broken-rule.js';
import { changeText, withoutFiles } from '../../support/changed-commits.js';
import { auditCommits, smallHistory } from '../../support/history.js';

type Limits = Record<string, unknown>;

/** Limits of rules.json that came after the file did. */
const YOUNGER = [
  'max_image_side',
  'miner_seconds',
  'miner_draw_seconds',
  'download_seconds',
  'min_bytes_per_second',
  'speed_window_seconds',
  'render_seconds',
] as const;

/** What the versions before wrote: rules without these limits, seeds without witnesses, no pictures of prompts. */
function asOlder(commits: readonly SyntheticCommit[]): readonly SyntheticCommit[] {
  return withoutFiles(commits, /prompt_images\.json$/)
    .map((commit) => changeText(commit, /rules\.json$/, withoutLimits))
    .map((commit) => changeText(commit, /seed\.json$/, withoutWitnesses))
    .map((commit) =>
      changeText(commit, /duels_\w+\.json$/, (text) => text.replace(/"prompt": "[0-9a-f]{64}"/g, '"prompt": null')),
    );
}

function withoutLimits(text: string): string {
  const rules = JSON.parse(text) as { limits: Limits; generation?: Limits };
  for (const limit of YOUNGER) delete rules.limits[limit];
  delete rules.generation?.pod_healthy_minutes;
  return `${JSON.stringify(rules, null, 2)}\n`;
}

function withoutWitnesses(text: string): string {
  const { witnesses: _, ...seed } = JSON.parse(text) as { witnesses?: unknown };
  return `${JSON.stringify(seed, null, 2)}\n`;
}

describe('a history that older versions of this project wrote', () => {
  it('has no finding for what they did not write yet', async () => {
    const commits = asOlder(smallHistory('ours'));
    const report = await auditCommits(commits);
    const found = report.findings.map(({ rule, severity }) => `${rule} ${severity}`);
    expect(
      found.filter((one) => !ALWAYS.includes(one)),
      JSON.stringify(report.findings),
    ).toEqual([]);
    expect(report.rounds.map(({ agrees }) => agrees)).toEqual([true, true, true]);
    expect(report.ok).toBe(true);
  });

  it('goes on under the present version from any round on', async () => {
    const [present, older] = [smallHistory('ours'), asOlder(smallHistory('ours'))];
    const at = present.findIndex(({ files }) => files.has('rounds/1/rules.json'));
    const report = await auditCommits([...older.slice(0, at), ...present.slice(at)]);
    const found = report.findings.map(({ rule, severity }) => `${rule} ${severity}`);
    expect(
      found.filter((one) => !ALWAYS.includes(one)),
      JSON.stringify(report.findings),
    ).toEqual([]);
    expect(report.ok).toBe(true);
  });
});
