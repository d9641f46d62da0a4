import type { Command } from 'commander';
import { type Context, commandWith, type GlobalOptions, report } from '../command.js';
import { parseBlock } from '../option-values.js';
import { type RepositoryOptions, withRepository } from '../repository-options.js';

/** `tiltyard leader`: who leads at a block. */
export function leaderCommand(context: Context): Command {
  const command = commandWith('leader', 'Tell who leads the competition, and with what weight.', [
    ['leader', 'the last leader on record'],
    ['leader --at 4501230 --remote https://github.com/org/state', 'who is paid at block 4501230'],
    ['leader --chain wss://entrypoint-finney.opentensor.ai:443', 'who is paid now'],
  ]);
  withRepository(command)
    .option('--at <block>', 'the leader in effect at this block', parseBlock)
    .option('--chain <url>', "take the chain's newest finalized block for --at");
  return command.action(async (_options: unknown, self: Command) => {
    const options = self.optsWithGlobals<GlobalOptions & RepositoryOptions & { at?: number; chain?: string }>();
    const { leader } = await import('../actions/leader.js');
    report(context, options, await leader(options, context.terminal));
  });
}
