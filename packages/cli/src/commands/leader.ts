import type { Command } from 'commander';
import type { LeaderOptions } from '../actions/leader.js';
import { type Context, commandWith, type GlobalOptions, report } from '../command.js';
import { chainOption } from '../options/chain-option.js';
import { parseBlock } from '../options/option-values.js';
import { withRepository } from '../options/repository-options.js';

/** `tiltyard leader`: who leads at a block. */
export function leaderCommand(context: Context): Command {
  const command = commandWith('leader', 'Show who leads the competition, and with what weight.', [
    ['leader', 'the last leader on record'],
    ['leader --at 4501230 --remote https://github.com/org/state', 'who is paid at block 4501230'],
    ['leader --network finney', 'who is paid now'],
  ]);
  withRepository(command)
    .option('--at <block>', 'the leader in effect at this block', parseBlock)
    .addOption(chainOption("take the chain's newest finalized block for --at"));
  return command.action(async (_options: unknown, self: Command) => {
    const options = self.optsWithGlobals<GlobalOptions & LeaderOptions>();
    const { leader } = await import('../actions/leader.js');
    report(context, options, await leader(options, context.terminal));
  });
}
