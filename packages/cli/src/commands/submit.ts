import type { Command } from 'commander';
import type { SubmitOptions } from '../actions/submit/submit.js';
import { type Context, commandWith, type GlobalOptions, report } from '../command.js';
import { chainOption } from '../options/chain-option.js';
import { collect, parseBlock, parseNetuid } from '../options/option-values.js';
import { withRepository } from '../options/repository-options.js';
import { withWallet } from '../options/wallet-options.js';

/** `tiltyard submit`: a miner's submission, timelocked on chain. */
export function submitCommand(context: Context): Command {
  const command = commandWith(
    'submit',
    'Submit a solution to the open round: timelocked on chain until shortly before the window ends, then confirmed.',
    [
      [
        'submit --wallet mine/default --repo me/solution --commit 4f0c…40 digits --cdn https://cdn.example.com/r7 --network finney',
        'submit to the round that is open',
      ],
      [
        'submit --check --hotkey 5FHneW46… --network finney',
        'whether it is on chain and will count (exit status 1: no)',
      ],
    ],
  );
  withWallet(withRepository(command))
    .addOption(chainOption().makeOptionMandatory())
    .option('--repo <owner/name>', 'the GitHub repository with docker/Dockerfile')
    .option('--commit <hash>', 'its commit, 40 hex digits')
    .option('--cdn <url>', 'where your files will lie, as URL/STEM.glb')
    .option('--allow-host <host:port>', 'a host of your own network that files may lie on; may be repeated', collect)
    .option('--netuid <number>', "the subnet, where the competition's config.json names none", parseNetuid)
    .option('--reveal-block <block>', 'open at this block (default: shortly before the window ends)', parseBlock)
    .option('--until-revealed', 'wait until the chain has opened it')
    .option('--check', 'submit nothing: show what is on chain and whether it counts')
    .option('--hotkey <ss58>', 'with --check: whose submission (no wallet is needed)');
  return command.action(async (_options: unknown, self: Command) => {
    const options = self.optsWithGlobals<GlobalOptions & SubmitOptions>();
    const { submit } = await import('../actions/submit/submit.js');
    report(context, options, await submit(options, context.terminal));
  });
}
