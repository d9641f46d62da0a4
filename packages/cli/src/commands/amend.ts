import type { AmendmentAction } from '@tiltyard/schema/gen3d';
import { Command } from 'commander';
import type { OperateOptions } from '../actions/operate/amend.js';
import { type Context, commandWith, type GlobalOptions, report } from '../command.js';
import { withRepository } from '../options/repository-options.js';

/** Each action: the words that it takes, what it does, and an example. */
const ACTIONS: Readonly<
  Record<AmendmentAction, { readonly takes: readonly string[]; readonly says: string; readonly example: string }>
> = {
  void_audit: {
    takes: ['hotkey'],
    says: "Void a settled audit: the miner's container is run again.",
    example: 'void_audit 5FHneW46 --reason "our provider throttled the pods"',
  },
  retry_build: {
    takes: ['hotkey'],
    says: 'Have a settled build looked at again.',
    example: 'retry_build 5FHneW46 --reason "the registry was down"',
  },
  rejudge_match: {
    takes: ['left', 'right'],
    says: 'Have a match judged again: defender ("leader" or a hotkey), then challenger.',
    example: 'rejudge_match leader 5FHneW46 --reason "the judge saw an old preview"',
  },
  exclude_hotkey: {
    takes: ['hotkey'],
    says: 'Exclude a hotkey from the round, as if it had been rejected.',
    example: 'exclude_hotkey 5FHneW46 --reason "copied another submission, see …"',
  },
  extend_deadline: {
    takes: ['block'],
    says: 'Give miners until a later block to generate.',
    example: 'extend_deadline 4501830 --reason "the prompts were published late"',
  },
  pause: {
    takes: [],
    says: 'Hold the competition in its present stage; the owner of the stage writes `paused`.',
    example: 'pause --reason "the judge endpoint is being replaced"',
  },
  resume: {
    takes: [],
    says: 'Let a held competition go on where it was.',
    example: 'resume --reason "the endpoint is back"',
  },
};

/** `tiltyard amend`: operators' corrections, appended and signed. */
export function amendCommand(context: Context): Command {
  const amend = new Command('amend').description(
    "Correct a round as its operator: appended to the round's amendments.json and signed, never by rewriting.",
  );
  for (const [action, { takes, says, example }] of Object.entries(ACTIONS) as [
    AmendmentAction,
    (typeof ACTIONS)[AmendmentAction],
  ][]) {
    const command = commandWith(action, says, [
      [`amend ${example} --signing-key ~/.ssh/operator`, 'as one signed commit'],
      [`amend ${example} --dry-run`, 'show it, and publish nothing'],
    ]);
    if (action.includes('_')) command.alias(action.replace('_', '-'));
    for (const word of takes) command.argument(`<${word}>`);
    asOperator(command).action(async (...given: readonly unknown[]) => {
      const self = given.at(-1) as Command;
      const options = self.optsWithGlobals<GlobalOptions & OperateOptions>();
      const { amend: write } = await import('../actions/operate/amend.js');
      report(context, options, await write({ action, subjects: self.args }, options, context.terminal));
    });
    amend.addCommand(command);
  }
  return amend;
}

/** Options of every correction: the operator's, with a reason. */
export function asOperator(command: Command): Command {
  return withOperatorKey(command).requiredOption('--reason <text>', 'why, for the public record');
}

/** Options of every command that writes in the operator's name. */
export function withOperatorKey(command: Command): Command {
  return withRepository(command)
    .option('--signing-key <file>', "the operator's SSH key (default: $LEDGER_SIGNING_KEY)")
    .option('--dry-run', 'show what would be published');
}
