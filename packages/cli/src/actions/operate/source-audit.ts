import { counted, Hotkey } from '@tiltyard/schema';
import { type SourceAudit, type Submissions, stateFiles } from '@tiltyard/schema/gen3d';
import { readRound } from '@tiltyard/service-kit/gen3d';
import { CliError } from '../../cli-error.js';
import { openRepository } from '../../open-repository.js';
import type { Outcome } from '../../outcome.js';
import type { Terminal } from '../../terminal/terminal.js';
import { type OperateOptions, operatorLedger } from './amend.js';

/**
 * Records a person's verdict on a leader's source code. Of several verdicts on one hotkey the last counts; earlier ones
 * stay on record.
 */
export async function sourceAudit(
  hotkeyText: string,
  verdict: SourceAudit['verdict'],
  options: OperateOptions,
  terminal: Terminal,
): Promise<Outcome> {
  await using ledger = await openRepository(options, terminal, operatorLedger(options, terminal));
  const snapshot = await ledger.snapshot(terminal.signal);
  const { round } = await readRound(snapshot);
  const submissions = (await snapshot.read(stateFiles.submissions, { round })) ?? ({} as Submissions);
  const fitting = Object.keys(submissions).filter((hotkey) => hotkey.startsWith(hotkeyText));
  const [found] = fitting;
  if (found === undefined || fitting.length > 1) {
    const detail = `"${hotkeyText}" names ${counted(fitting.length, 'submission')} of round ${round}, not one.`;
    throw new CliError({ code: 'usage', detail });
  }
  const audit: SourceAudit = { hotkey: Hotkey.parse(found), verdict, reason: options.reason };
  const known = (await snapshot.read(stateFiles.sourceAudits, { round })) ?? [];
  const draft = snapshot
    .draft()
    .write(stateFiles.sourceAudits, { round }, [...known, audit])
    .requires(stateFiles.state, {});
  const published = options.dryRun === true ? undefined : await ledger.publish(draft, terminal.signal);
  const where = published === undefined ? 'not published: dry run' : `commit ${published.commit}`;
  return {
    facts: { round, audit, commit: published?.commit ?? null, dryRun: options.dryRun === true },
    text: `Source audit of ${audit.hotkey} in round ${round}: ${verdict} (${where})`,
  };
}
