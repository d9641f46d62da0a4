import type { Command } from 'commander';
import { type Context, commandWith, type GlobalOptions, report } from '../../command.js';
import type { DemoCommandOptions } from './demo-action.js';

/** `tiltyard demo`: a whole competition on this machine. */
export function demoCommand(context: Context): Command {
  const command = commandWith('demo', 'Run a whole competition on this machine: chain, miners, judge and services.', [
    ['demo', 'two rounds with nine sample miners'],
    ['demo --rounds 3 --chaos', 'a third round, while services are killed with SIGKILL at random moments'],
    ['demo --models ~/models --prompts 6', 'the same with your own GLBs'],
    ['demo --miners faithful,cheat,copycat --port 8080', 'a small field, watched at http://127.0.0.1:8080/'],
  ]);
  command
    .option('--rounds <number>', 'how many rounds, 1 to 20 (default: 2)')
    .option('--prompts <number>', 'prompts in each round, 2 to 64 (default: 8)')
    .option('--miners <names>', 'sample miners with commas between, or how many of them (default: all nine)')
    .option('--models <dir>', 'make the objects from the GLBs of this folder')
    .option('--keep', 'keep everything, the chain and the objects too')
    .option('--chaos [seed]', 'kill one service after another, by a schedule that the seed decides')
    .option('--port <port>', 'serve the page and the live status on 127.0.0.1 while the demo runs')
    .option('--directory <dir>', "where the demo's folder is made (default: .tiltyard)")
    .addHelpText(
      'after',
      '\nExit status is 1 when the competition did not end as it should, or the auditor found errors.\nThe repository, the page and the logs stay; everything else goes unless --keep.',
    );
  return command.action(async (_options: unknown, self: Command) => {
    const options = self.optsWithGlobals<GlobalOptions & DemoCommandOptions>();
    const { demo } = await import('./demo-action.js');
    report(context, options, await demo(options, context.terminal));
  });
}
