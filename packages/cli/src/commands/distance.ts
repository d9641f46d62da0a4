import { type Command, InvalidArgumentError } from 'commander';
import type { DistanceOptions } from '../actions/distance.js';
import { type Context, commandWith, type GlobalOptions, report } from '../command.js';

/** `tiltyard distance`: how far two renders are apart. */
export function distanceCommand(context: Context): Command {
  const command = commandWith(
    'distance',
    'Measure how far two pictures are apart, as the check of a re-run does: 0 is the same, 2 the opposite.',
    [
      ['distance submitted.png generated.png', 'by the descriptor, which needs no weights'],
      [
        'distance submitted.png generated.png --embedder dinov3 --max 0.1',
        'by DINOv3 (see tiltyard model); exit status 1 above 0.1',
      ],
    ],
  );
  return command
    .argument('<a.png>', 'a picture')
    .argument('<b.png>', 'another one')
    .option('--embedder <id>', 'descriptor-v1, dinov3, or an id out of rules.json', 'descriptor-v1')
    .option('--model-dir <dir>', 'where models lie (default: $MODEL_DIR, or ~/.local/share/tiltyard/models)')
    .option('--max <distance>', 'exit with 1 when they are farther apart', parseDistance)
    .action(async (left: string, right: string, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<GlobalOptions & DistanceOptions>();
      const { distance } = await import('../actions/distance.js');
      report(context, options, await distance(left, right, options, context.terminal));
    });
}

function parseDistance(text: string): number {
  const value = Number(text);
  if (!/^(?:\d+|\d*\.\d+)$/.test(text) || value > 2) throw new InvalidArgumentError('It is not a number from 0 to 2.');
  return value;
}
