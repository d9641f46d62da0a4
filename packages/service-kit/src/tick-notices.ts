import { LedgerError } from '@tiltyard/ledger';
import { isFault } from '@tiltyard/schema';
import type { TickReport } from './loop.js';
import type { Notices } from './notices.js';
import { retryText, stuckBy } from './stuck.js';

/** Failures in a row after which an operator hears of them: with the usual pauses, a quarter of an hour of trouble. */
const FAILURES_TOLD = 3;

/**
 * Tells operators what ticks throw: a repository that was rewritten, or changed without a key, at once, anything else when ticks keep failing. What a tick
 * reports by itself, as `stuck`, it has sent a notice of, or means for the readiness page alone.
 *
 * @param isConflict - True for an error that says nothing is wrong.
 */
export function tickNotices(notices: Notices, isConflict: (error: unknown) => boolean): (report: TickReport) => void {
  let failures = 0;
  return ({ error, pauseMs }) => {
    if (error === undefined || isConflict(error)) {
      failures = 0;
      return;
    }
    const detail = error instanceof Error ? error.message : String(error);
    if (isFault(error, LedgerError, 'rewritten')) {
      const title = 'The state repository was rewritten';
      notices.send({ key: 'rewritten', severity: 'alarm', title, detail });
      return;
    }
    if (isFault(error, LedgerError, 'unvouched')) {
      const title = 'The state repository was changed without a key';
      notices.send({ key: 'unvouched', severity: 'alarm', title, detail });
      return;
    }
    const { kind, reason } = stuckBy(error);
    if (kind === 'state' || kind === 'rules') {
      // That does not pass by itself.
      const title = 'The round cannot go on without a person';
      notices.send({ key: kind, severity: 'alarm', title, detail: `${reason}. Tried again ${retryText(pauseMs)}.` });
      return;
    }
    failures += 1;
    if (failures < FAILURES_TOLD) return;
    const title = 'The service cannot do its work';
    notices.send({ key: 'failing', severity: 'alarm', title, detail: `${failures} ticks in a row failed: ${detail}` });
  };
}
