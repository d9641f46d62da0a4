import { Command } from 'commander';
import { type Context, commandWith, type GlobalOptions, report } from '../../command.js';
import type { ServiceCommandOptions, UpCommandOptions } from './dev-action.js';

/** `tiltyard dev`: a network to develop a service in. */
export function devCommand(context: Context): Command {
  return new Command('dev')
    .description('Keep a network running, to develop one of its services in.')
    .addCommand(upCommand(context))
    .addCommand(serviceCommand(context));
}

function upCommand(context: Context): Command {
  const command = commandWith('up', "Keep the demo's network running, round after round, until Ctrl-C.", [
    ['dev up', 'all of it'],
    ['dev up --without judge-service', 'with one service left out, to be started by "dev service"'],
  ]);
  return withDirectory(command)
    .option('--without <service>', 'leave this service out')
    .option('--prompts <number>', 'prompts in each round, 2 to 64 (default: 8)')
    .option('--miners <names>', 'sample miners with commas between, or how many of them (default: all nine)')
    .option('--models <dir>', 'make the objects from the GLBs of this folder')
    .action(async (_options: unknown, self: Command) => {
      const { up } = await import('./dev-action.js');
      await up(self.optsWithGlobals<UpCommandOptions>(), context.terminal);
    });
}

function serviceCommand(context: Context): Command {
  const command = commandWith('service', 'Run a service of the network that is up, in this terminal, until Ctrl-C.', [
    ['dev service judge-service', 'as the network would have started it'],
    ['dev service judge-service --inspect --watch', 'with options for Node: a debugger, a restart after each build'],
  ]);
  return withDirectory(command)
    .argument('<name>', 'the service')
    .argument('[node-options...]', 'options for Node')
    .allowUnknownOption()
    .action(async (name: string, nodeOptions: readonly string[], _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<GlobalOptions & ServiceCommandOptions>();
      const { service } = await import('./dev-action.js');
      report(context, options, await service(name, nodeOptions, options, context.terminal));
    });
}

function withDirectory(command: Command): Command {
  return command.option('--directory <dir>', "where the network's folder is made (default: .tiltyard)");
}
