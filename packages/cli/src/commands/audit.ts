import { type Command, Option } from 'commander';
import type { AuditCommandOptions } from '../actions/audit.js';
import { type Context, commandWith, type GlobalOptions, report } from '../command.js';
import { chainOption } from '../options/chain-option.js';
import { parseRound } from '../options/option-values.js';

/** `tiltyard audit`: the registry's rules over a repository's history. */
export function auditCommand(context: Context): Command {
  const command = commandWith('audit', "Replay a state repository's history and check every rule.", [
    ['audit https://github.com/org/state', 'every rule over the whole history (exit status 1: rules are broken)'],
    ['audit ./state --explain 3', "round 3's story: who qualified, margins, audits, what decided it"],
    ['audit ./state --round 3 --rule R1,R2,R10 --json', 'narrowed, for programs'],
    ['audit ./state --since 1f2e3d4c', 'only findings of commits after this one'],
    [
      'audit ./state --network finney --known-tip 4f0c…40 digits',
      "check seeds against the chain, and that yesterday's tip is still in the history",
    ],
  ]);
  return command
    .argument('[repository]', 'a folder or a URL (default: $LEDGER_REMOTE, or this folder)')
    .option('--branch <name>', 'its branch', 'main')
    .addOption(
      new Option('--explain <round>', "print a round's story instead of the findings")
        .argParser(parseRound)
        .conflicts(['round', 'rule', 'since', 'rules']),
    )
    .option('--round <number>', 'only findings of this round; may be repeated', collectRounds)
    .option('--rule <id>', 'only these rules, by id or name, as R1 or R1,winner; may be repeated', collectRules)
    .option('--rules', 'end with a table: what each rule looked at and found')
    .option('--since <commit>', 'only findings of commits after this one')
    .option('--known-tip <commit>', 'a tip that you saw before: the history must still hold it')
    .addOption(chainOption('check seeds against the block hashes of this chain'))
    .addOption(
      new Option('--dialect <name>', 'how the repository is read')
        .choices(['auto', 'ours', 'reference'])
        .default('auto'),
    )
    .action(async (repository: string | undefined, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<GlobalOptions & AuditCommandOptions>();
      const { audit } = await import('../actions/audit.js');
      report(context, options, await audit(repository, options, context.terminal));
    });
}

function collectRounds(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, parseRound(text)];
}

function collectRules(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',').map((rule) => rule.trim())];
}
