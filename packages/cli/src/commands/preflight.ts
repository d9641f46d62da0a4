import type { Command } from 'commander';
import type { PreflightOptions } from '../actions/preflight/preflight.js';
import { type Context, commandWith, type GlobalOptions, report } from '../command.js';
import { collect, parseRound } from '../options/option-values.js';
import { withRepository } from '../options/repository-options.js';

/** `tiltyard preflight`: a miner's files, checked as the collector will. */
export function preflightCommand(context: Context): Command {
  const command = commandWith(
    'preflight',
    'Check your files as the collector will, by the rules of the round: download, limits, render.',
    [
      ['preflight ./models --remote https://github.com/org/state --out previews', 'a folder before it is uploaded'],
      ['preflight https://cdn.example.com/r7 --remote https://github.com/org/state', 'what your CDN serves'],
      ['preflight ./models', 'all GLBs of a folder, by the default rules'],
    ],
  );
  withRepository(command)
    .argument('<folder|url>', 'where STEM.glb lies for every prompt')
    .option('--round <number>', 'by the rules of this round (default: the current one)', parseRound)
    .option('--prompts <file>', "files for these prompts instead of the round's")
    .option('--out <dir>', 'write every preview to this folder')
    .option('--allow-host <host:port>', 'a host of your own network that may be reached; may be repeated', collect);
  return command.action(async (source: string, _options: unknown, self: Command) => {
    const options = self.optsWithGlobals<GlobalOptions & PreflightOptions>();
    const { preflight } = await import('../actions/preflight/preflight.js');
    report(context, options, await preflight(source, options, context.terminal));
  });
}
