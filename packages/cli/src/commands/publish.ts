import { Command } from 'commander';
import type { OperatorOptions } from '../actions/operate/amend.js';
import type { PublishedFile } from '../actions/operate/publish-file.js';
import { type Context, commandWith, type GlobalOptions, report } from '../command.js';
import { withOperatorKey } from './amend.js';

const FILES: Readonly<Record<PublishedFile, { readonly says: string; readonly does: string }>> = {
  signers: {
    says: 'Replace allowed_signers: add, remove or rotate keys.',
    does: 'from the next commit on, these keys sign',
  },
  prompts: {
    says: 'Replace the prompt pool that later rounds draw from.',
    does: 'the next round draws from this pool',
  },
};

/** `tiltyard publish`: the files that an operator replaces while a competition runs. */
export function publishCommand(context: Context): Command {
  const publish = new Command('publish').description(
    "Replace one of the operator's own files, as one signed commit in the operator's name.",
  );
  for (const [name, { says, does }] of Object.entries(FILES) as [PublishedFile, (typeof FILES)[PublishedFile]][]) {
    const command = commandWith(name, says, [
      [`publish ${name} FILE --signing-key ~/.ssh/operator`, does],
      [`publish ${name} FILE --dry-run`, 'show what would change, and publish nothing'],
    ]);
    withOperatorKey(command)
      .argument('<file>')
      .action(async (file: string, _options: unknown, self: Command) => {
        const options = self.optsWithGlobals<GlobalOptions & OperatorOptions>();
        const { publishFile } = await import('../actions/operate/publish-file.js');
        report(context, options, await publishFile(name, file, options, context.terminal));
      });
    publish.addCommand(command);
  }
  return publish;
}
