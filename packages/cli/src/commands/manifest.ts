import type { Command } from 'commander';
import type { ManifestOptions } from '../actions/submit/commit-manifest.js';
import { type Context, commandWith, type GlobalOptions, report } from '../command.js';
import { chainOption } from '../options/chain-option.js';
import { parseNetuid } from '../options/option-values.js';
import { withRepository } from '../options/repository-options.js';
import { withWallet } from '../options/wallet-options.js';

/** `tiltyard manifest`: proof of who had the files first. */
export function manifestCommand(context: Context): Command {
  const command = commandWith(
    'manifest',
    'Commit to your files on chain before you upload them, so that a copy loses to its original.',
    [
      [
        'manifest FOLDER --wallet mine/default --network finney',
        'write manifest.json next to the GLBs, commit its hash',
      ],
      ['manifest FOLDER --dry-run', 'show what would be committed'],
    ],
  );
  withWallet(withRepository(command))
    .argument('<folder>', 'the GLBs, each named after its prompt')
    .addOption(chainOption())
    .option('--netuid <number>', "the subnet, where the competition's config.json names none", parseNetuid)
    .option('--dry-run', 'write and commit nothing');
  return command.action(async (folder: string, _options: unknown, self: Command) => {
    const options = self.optsWithGlobals<GlobalOptions & ManifestOptions>();
    const { commitManifest } = await import('../actions/submit/commit-manifest.js');
    report(context, options, await commitManifest(folder, options, context.terminal));
  });
}
