import { Argument, type Command } from 'commander';
import type { OperateOptions } from '../actions/operate/amend.js';
import { type Context, commandWith, type GlobalOptions, report } from '../command.js';
import { asOperator } from './amend.js';

/** `tiltyard source-audit`: a person's verdict on source code. */
export function sourceAuditCommand(context: Context): Command {
  const command = commandWith(
    'source-audit',
    "Record a person's verdict on a local leader's source code, as the competition's operator.",
    [
      [
        'source-audit 5FHneW46 passed --reason "generates from the image alone" --signing-key ~/.ssh/operator',
        'as one signed commit',
      ],
    ],
  );
  return asOperator(command)
    .argument('<hotkey>', 'the miner; the first characters suffice')
    .addArgument(new Argument('<verdict>').choices(['passed', 'failed']))
    .action(async (hotkey: string, verdict: 'passed' | 'failed', _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<GlobalOptions & OperateOptions>();
      const { sourceAudit } = await import('../actions/operate/source-audit.js');
      report(context, options, await sourceAudit(hotkey, verdict, options, context.terminal));
    });
}
