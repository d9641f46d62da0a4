import path from 'node:path';
import type { Snapshot } from '@tiltyard/ledger';
import { standingAudits, standingBuilds } from '@tiltyard/rules/gen3d';
import {
  type Amendment,
  announcements,
  type Builds,
  type GenerationAudits,
  type Submissions,
  stateFiles,
} from '@tiltyard/schema/gen3d';
import { readRound } from '@tiltyard/service-kit/gen3d';
import { openRepository } from '../../open-repository.js';
import type { RepositoryOptions } from '../../options/repository-options.js';
import type { Outcome } from '../../outcome.js';
import type { Terminal } from '../../terminal/terminal.js';
import { type AmendedRound, type AmendmentOrder, correctionOf } from './amendment-draft.js';

/** Options of every command that writes in the operator's name. */
export interface OperatorOptions extends RepositoryOptions {
  readonly signingKey?: string;
  readonly dryRun?: true;
}

/** Options of every correction: it says why. */
export interface OperateOptions extends OperatorOptions {
  readonly reason: string;
}

/**
 * Appends an amendment to the current round, as one signed commit in the operator's name. Services derive from it; no
 * other file is touched.
 *
 * @throws CliError `refused` when it could change nothing; LedgerError `not_signer`, `conflict`, `stale`, …
 */
export async function amend(order: AmendmentOrder, options: OperateOptions, terminal: Terminal): Promise<Outcome> {
  await using ledger = await openRepository(options, terminal, operatorLedger(options, terminal));
  const snapshot = await ledger.snapshot(terminal.signal);
  const round = await readAmendedRound(snapshot);
  const at = { round: round.view.round };
  const known = (await snapshot.read(stateFiles.amendments, at)) ?? [];
  const amendment = {
    id: known.length + 1,
    at: terminal.now().toISOString(),
    reason: options.reason,
    ...correctionOf(order, round),
  } as Amendment;
  const line = announcements.format({ kind: 'amendment', ...at, id: amendment.id, action: amendment.action });
  // The correction lands only on the state that it was checked against: a pause names the stage that it holds.
  const draft = snapshot
    .draft()
    .write(stateFiles.amendments, at, [...known, amendment])
    .requires(stateFiles.state, {});
  const published = options.dryRun === true ? undefined : await ledger.publish(draft, terminal.signal);
  return {
    facts: { round: at.round, amendment, commit: published?.commit ?? null, dryRun: options.dryRun === true },
    text: [
      published === undefined ? `${line} (not published: dry run)` : `${line}, commit ${published.commit}`,
      JSON.stringify(amendment, null, 2),
    ].join('\n'),
  };
}

/** How the ledger is opened to write in the operator's name. */
export function operatorLedger({ signingKey }: OperatorOptions, { cwd, environment }: Terminal) {
  const keyFile = signingKey ?? environment.LEDGER_SIGNING_KEY;
  const signing = keyFile === undefined || keyFile === '' ? {} : { signing: { keyFile: path.resolve(cwd, keyFile) } };
  return { service: 'operator', ...signing } as const;
}

async function readAmendedRound(snapshot: Snapshot): Promise<AmendedRound> {
  const view = await readRound(snapshot);
  const at = { round: view.round };
  const builds = (await snapshot.read(stateFiles.builds, at)) ?? ({} as Builds);
  const audits = (await snapshot.read(stateFiles.generationAudits, at)) ?? ({} as GenerationAudits);
  return {
    view,
    submissions: (await snapshot.read(stateFiles.submissions, at)) ?? ({} as Submissions),
    builds: standingBuilds(builds, view.amended),
    audits: standingAudits(audits, view.amended),
    matrix: (await snapshot.read(stateFiles.matchMatrix, at)) ?? [],
  };
}
