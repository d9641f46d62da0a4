import { Command } from 'commander';
import type { ShowStateOptions } from '../actions/show-state.js';
import { type Context, commandWith, type GlobalOptions, report } from '../command.js';
import { parseRound } from '../options/option-values.js';
import { withRepository } from '../options/repository-options.js';

/** `tiltyard state show`: one state file, parsed. */
export function stateCommand(context: Context): Command {
  const show = commandWith('show', 'Show a state file, parsed and checked; without a name, list the files.', [
    ['state show', 'what files there are'],
    ['state show leader', 'leader.json'],
    ['state show matches_matrix.csv --round 3', 'the margins of round 3'],
    ['state show submitted --miner 5FHneW46', "why a miner's files were not accepted"],
    ['state show matchReport --miner 5FHneW46 --against leader', "a match's duels, by challenger and defender"],
    ['state show rounds/3/seed.json --json', 'by path, for programs'],
  ]);
  withRepository(show)
    .argument('[file]', 'a path, a file name, or a name of FORMAT.md such as leader or matchMatrix')
    .option('--round <number>', 'of this round (default: the current one)', parseRound)
    .option('--miner <hotkey>', 'in this miner\'s folder; the first characters suffice; "leader" for the leader\'s')
    .option('--against <hotkey>', 'the match report against this defender, or "leader"');
  show.action(async (file: string | undefined, _options: unknown, self: Command) => {
    const options = self.optsWithGlobals<GlobalOptions & ShowStateOptions>();
    const { showState } = await import('../actions/show-state.js');
    report(context, options, await showState(file, options, context.terminal));
  });
  return new Command('state').description("Read a competition's state files.").addCommand(show);
}
