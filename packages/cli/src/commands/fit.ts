import type { Command } from 'commander';
import { type Context, commandWith, type GlobalOptions, report } from '../command.js';

/** `tiltyard fit`: a GLB, centred and scaled into the unit cube. */
export function fitCommand(context: Context): Command {
  const command = commandWith('fit', 'Write a GLB centred at the origin, its longest edge scaled to 1.', [
    ['fit big-chair.glb chair.glb', 'what preflight refuses as out_of_bounds, made to fit'],
  ]);
  return command
    .argument('<in.glb>', 'the model')
    .argument('<out.glb>', 'where to write it; another file than the model')
    .action(async (input: string, output: string, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<GlobalOptions>();
      const { fit } = await import('../actions/render/fit.js');
      report(context, options, await fit(input, output, context.terminal));
    });
}
