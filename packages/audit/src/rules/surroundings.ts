import { MACHINERY } from '../git/machinery.js';
import type { Rule } from './rule.js';
import { operatorSignature } from './signatures.js';

const MINUTE_MS = 60_000;
/** How far the clocks of two machines that make commits may differ. */
const SKEW_MS = 10 * MINUTE_MS;
/** How far the auditor's own clock may be behind. */
const OWN_SKEW_MS = 24 * 60 * MINUTE_MS;

/** What stands about the state: what runs for the repository, and what commits say of themselves. */
export const SURROUNDING_RULES: readonly Rule[] = [
  {
    id: 'W6',
    severity: 'warn',
    only: 'ours',
    check(at, tell) {
      if (!at.isRunning) return;
      tell.looked();
      const machinery = at.others.filter(({ format }) => format.id === MACHINERY.id);
      const touched = machinery.reduce((sum, count) => sum + count.touched, 0);
      const [first] = machinery;
      if (first === undefined) return;
      const more = touched > 1 ? ` and ${touched - 1} more` : '';
      const builds = first.path.startsWith('.github/') ? ': it may make the images that audits run' : '';
      const signature = operatorSignature(at);
      tell.fault({
        path: first.path,
        severity: signature === 'unsigned' ? 'error' : 'warn',
        detail: `changed${more}${builds}${signature === 'unsigned' ? '; the operator should have signed' : ''}`,
      });
    },
  },
  {
    id: 'W7',
    severity: 'warn',
    check(at, tell, { now }) {
      tell.looked();
      const { committedAtMs } = at.commit;
      const aheadMs = committedAtMs - (now ?? new Date()).getTime();
      if (aheadMs > SKEW_MS) {
        // Schedules are held against these dates.
        const severity = aheadMs > OWN_SKEW_MS ? 'error' : 'warn';
        tell.fault({ severity, detail: `dated ${dated(committedAtMs)}, which is in the future` });
      }
    },
  },
  {
    // The reference's repositories were put together from several machines.
    id: 'W7',
    severity: 'warn',
    only: 'reference',
    check({ commit }, tell) {
      if (commit.committedAtMs <= 0) tell.fault({ detail: 'dated before 1970, or with no date that can be read' });
    },
  },
  {
    id: 'W7',
    severity: 'warn',
    only: 'ours',
    check({ commit, parentAtMs, author: { trailer }, competition }, tell) {
      const { committedAtMs, author } = commit;
      if (parentAtMs !== undefined && committedAtMs < parentAtMs - SKEW_MS) {
        tell.fault({
          detail: `dated ${dated(committedAtMs)}, before the commit that it stands on (${dated(parentAtMs)})`,
        });
      }
      const other = competition.writers.find((service) => service === author);
      if (trailer !== undefined && other !== undefined && other !== trailer) {
        tell.fault({ detail: `its author is ${other}, and its message is ${trailer}'s` });
      }
    },
  },
];

function dated(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}
