import { BUILD_FAILED_REASON } from '@tiltyard/rules/gen3d';
import { LEADER, type Side } from '@tiltyard/schema';
import type { Notices, Stuck } from '@tiltyard/service-kit';
import type { RoundWork } from './round-work.js';

/**
 * Reports builds that delay a round or may have failed by our fault, and what an operator can do. A job that was never
 * listed is not the miner's failure, so only an amendment ends it.
 *
 * @returns what keeps the round from going on.
 */
export function tellMissingBuilds(notices: Notices, { builds, openAudits, audits, view }: RoundWork): readonly Stuck[] {
  const stuck: Stuck[] = [];
  const { round, amended } = view;
  const awaited = new Set<string>(openAudits.map(({ hotkey }) => hotkey));
  for (const [hotkey, { status }] of Object.entries(builds)) {
    if (status !== 'not_found' || amended.excluded.has(hotkey as never)) continue;
    if (awaited.has(hotkey)) stuck.push({ kind: 'builds', reason: `the build of ${hotkey} was never listed` });
    notices.send({
      key: `build-${round}-${hotkey}`,
      severity: awaited.has(hotkey) ? 'alarm' : 'warning',
      title: awaited.has(hotkey) ? 'The round waits for a build that was never listed' : 'A build was never listed',
      detail:
        `${hotkey} in round ${round}. That is not the miner's failure. Start the job again and amend retry_build, ` +
        'or amend exclude_hotkey to go on without this miner.',
    });
  }
  for (const { hotkey, reason, outcome } of Object.values(audits)) {
    if (outcome !== 'rejected' || reason !== BUILD_FAILED_REASON) continue;
    notices.send({
      key: `build-failed-${round}-${hotkey}`,
      severity: 'info',
      title: 'A local leader was rejected because its build failed',
      detail: `${hotkey} in round ${round}. If the build failed by our fault, amend retry_build, then void_audit.`,
    });
  }
  return stuck;
}

/** Reports a run without a verdict, and how the round can go on if it does not recover by itself. */
export function tellUnfinished(notices: Notices, { view, leader }: RoundWork, side: Side, why: string): void {
  const way =
    side === LEADER
      ? `To play on with the files that there are, amend exclude_hotkey ${leader?.hotkey ?? ''}.`
      : 'To go on without this miner, amend exclude_hotkey.';
  notices.send({
    key: `run-${view.round}-${side}`,
    severity: 'alarm',
    title: side === LEADER ? "The leader's baseline was not finished" : 'An audit was not finished',
    detail: `${side} in round ${view.round}: ${why}. It is not counted against anyone. ${way}`,
  });
}
