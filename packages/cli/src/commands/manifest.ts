import type { Command } from 'commander';
import type { ManifestOptions } from '../actions/submit/commit-manifest.js';
import { type Context, commandWith, type GlobalOptions, report } from '../command.js';
import { parseNetuid } from '../option-values.js';
import { withRepository } from '../repository-options.js';

/** `tiltyard manifest`: proof of who had the files first. */
export function manifestCommand(context: Context): Command {
  const command = commandWith(
    'manifest',
    'Commit to your files on chain before you upload them, so that a copy loses to its original.',
    [
      ['manifest FOLDER --wallet mine/default --chain wss://…', 'write manifest.json beside the GLBs, commit its hash'],
      ['manifest FOLDER --dry-run', 'tell what would be committed'],
    ],
  );
  withRepository(command)
    .argument('<folder>', 'the GLBs, each named after its prompt')
    .option('--chain <url>', 'a ws:// or wss:// endpoint, or several with commas between them')
    .option('--wallet <name/hotkey>', 'a Bittensor wallet; or //Name, a development account for a local chain')
    .option('--wallet-file <file>', 'a key file in the same format')
    .option('--wallet-root <dir>', 'where wallets are (default: ~/.bittensor/wallets)')
    .option('--password-file <file>', "the key file's password (or $BT_PW_…, or you are asked)")
    .option('--netuid <number>', "the subnet, where the competition's config.json names none", parseNetuid)
    .option('--dry-run', 'write and commit nothing');
  return command.action(async (folder: string, _options: unknown, self: Command) => {
    const options = self.optsWithGlobals<GlobalOptions & ManifestOptions>();
    const { commitManifest } = await import('../actions/submit/commit-manifest.js');
    report(context, options, await commitManifest(folder, options, context.terminal));
  });
}
