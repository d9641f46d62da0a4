import { counted, parseAllowedSigner } from '@tiltyard/schema';
import { stateFiles } from '@tiltyard/schema/gen3d';
import { CliError } from '../../cli-error.js';
import { readInput } from '../../files.js';
import { openRepository } from '../../open-repository.js';
import type { Outcome } from '../../outcome.js';
import type { Terminal } from '../../terminal/terminal.js';
import { type OperatorOptions, operatorLedger } from './amend.js';

/** The files that an operator replaces while a competition runs. */
const FILES = { signers: stateFiles.allowedSigners, prompts: stateFiles.promptPool } as const;

export type PublishedFile = keyof typeof FILES;

/**
 * Replaces allowed_signers or the prompt pool, as one signed commit in the operator's name. Services obey new signers from
 * the next commit on, and draw from a new pool when the next round's prompts are drawn.
 *
 * @throws CliError `refused` for signers without an operator, since then no one could correct anything, and for a pool
 *   without prompts.
 */
export async function publishFile(
  name: PublishedFile,
  source: string,
  options: OperatorOptions,
  terminal: Terminal,
): Promise<Outcome> {
  const file = FILES[name];
  const path = file.path.template;
  const lines = file.parse((await readInput(source, file.maxBytes, terminal)).toString('utf8'), source);
  if (name === 'signers' && !lines.some((line) => parseAllowedSigner(line)?.services.includes('operator'))) {
    throw new CliError({ code: 'refused', detail: `${source} lists no key for the operator` });
  }
  if (lines.length === 0) throw new CliError({ code: 'refused', detail: `${source} holds no prompts` });
  await using ledger = await openRepository(options, terminal, operatorLedger(options, terminal));
  const snapshot = await ledger.snapshot(terminal.signal);
  const before = new Set<string>((await snapshot.read(file)) ?? []);
  const added = lines.filter((line) => !before.has(line)).length;
  const removed = before.size - (lines.length - added);
  const draft = snapshot.draft().write(file, {}, lines);
  const published = options.dryRun === true ? undefined : await ledger.publish(draft, terminal.signal);
  const where = published === undefined ? 'not published: dry run' : `commit ${published.commit}`;
  return {
    facts: {
      path,
      lines: lines.length,
      added,
      removed,
      commit: published?.commit ?? null,
      dryRun: options.dryRun === true,
    },
    text: `${path}: ${counted(added, 'line')} added, ${removed} removed (${where})`,
  };
}
