import type { Command } from 'commander';
import type { StatusOptions } from '../actions/status/status.js';
import { type Context, commandWith, type GlobalOptions, report } from '../command.js';
import { chainOption } from '../options/chain-option.js';
import { parseRound } from '../options/option-values.js';
import { withRepository } from '../options/repository-options.js';

/** `tiltyard status`: where the competition stands. */
export function statusCommand(context: Context): Command {
  const command = commandWith(
    'status',
    'Show where a competition stands: round, stage, submissions, builds, files, timeline, audits, leader.',
    [
      ['status --remote https://github.com/org/state', 'the current round'],
      ['status --network finney', "with the blocks and the time that are left by the chain's clock"],
      ['status --round 3', 'how round 3 went'],
      ['status --json | jq .stage', 'for programs'],
    ],
  );
  withRepository(command)
    .option('--round <number>', 'how this round stands or went (default: the current one)', parseRound)
    .addOption(chainOption());
  return command.action(async (_options: unknown, self: Command) => {
    const options = self.optsWithGlobals<GlobalOptions & StatusOptions>();
    const { status } = await import('../actions/status/status.js');
    report(context, options, await status(options, context.terminal));
  });
}
