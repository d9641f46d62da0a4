import { Command } from 'commander';
import type { Context } from './command.js';
import { amendCommand } from './commands/amend.js';
import { auditCommand } from './commands/audit.js';
import { demoCommand } from './commands/demo/demo.js';
import { devCommand } from './commands/demo/dev.js';
import { distanceCommand } from './commands/distance.js';
import { fitCommand } from './commands/fit.js';
import { initCommand } from './commands/init.js';
import { leaderCommand } from './commands/leader.js';
import { manifestCommand } from './commands/manifest.js';
import { modelCommand } from './commands/model.js';
import { preflightCommand } from './commands/preflight.js';
import { publishCommand } from './commands/publish.js';
import { renderCommand } from './commands/render.js';
import { sourceAuditCommand } from './commands/source-audit.js';
import { stateCommand } from './commands/state.js';
import { statusCommand } from './commands/status.js';
import { submitCommand } from './commands/submit.js';
import { EXIT_STATUS_HELP } from './exit-status.js';
import { CLI_VERSION } from './version.js';

/** The `tiltyard` command with all its subcommands. Nothing runs and nothing heavy loads until one is chosen. */
export function buildProgram(context: Context): Command {
  const { terminal } = context;
  const program = new Command('tiltyard')
    .description('Winner-stays-in AI competitions in the open: run one, take part, check one.')
    .version(CLI_VERSION)
    .option('--json', 'print one JSON object')
    .configureHelp({ showGlobalOptions: true, subcommandTerm })
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      // run() reports each error once, in the form that was asked for.
      outputError: () => undefined,
    })
    .addHelpText('after', EXIT_STATUS_HELP)
    .exitOverride();
  for (const [heading, commands] of groups(context)) {
    for (const command of commands) addTo(program, command.helpGroup(heading));
  }
  return program;
}

/** A command as the list names it: with what it must be given, and short enough to leave room for what it does. */
function subcommandTerm(command: Command): string {
  const names = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '…' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), ...names].join(' ');
}

/** All commands, by who needs them. */
function groups(context: Context): readonly (readonly [string, readonly Command[]])[] {
  return [
    [
      'Watch and check:',
      [statusCommand(context), stateCommand(context), leaderCommand(context), auditCommand(context)],
    ],
    [
      'Take part:',
      [
        submitCommand(context),
        manifestCommand(context),
        preflightCommand(context),
        renderCommand(context),
        fitCommand(context),
        distanceCommand(context),
        modelCommand(context),
      ],
    ],
    [
      'Run a competition:',
      [
        initCommand(context),
        amendCommand(context),
        sourceAuditCommand(context),
        publishCommand(context),
        demoCommand(context),
        devCommand(context),
      ],
    ],
  ];
}

/** Adds a command and passes on how the program prints and ends, to all levels below. */
function addTo(parent: Command, command: Command): void {
  inherit(parent, command);
  parent.addCommand(command);
}

function inherit(parent: Command, command: Command): void {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inherit(command, child);
}
