import { LIGHTINGS, VIEW_SET_NAMES } from '@tiltyard/schema/gen3d';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { RenderOptions } from '../actions/render/render.js';
import { type Context, commandWith, type GlobalOptions, report } from '../command.js';

/** `tiltyard render`: what a GLB looks like to the judges, or why it is refused. */
export function renderCommand(context: Context): Command {
  const command = commandWith('render', 'Check a GLB as a competition does and render what its judges see.', [
    ['render chair.glb -o chair.png', 'the four views that are judged, in one picture'],
    ['render duck.glb -o duck.png --fit', 'centre and scale it into the unit cube first'],
    ['render chair.glb -o back.png --view back --size 1024', 'one view by its name'],
    ['render chair.glb -o side.png --view 90,-15 --lighting flat@1', 'one view from anywhere'],
    ['render chair.glb -o chair.png --view-set bundle-12@1 --separate', 'the grid, and every view as chair-NAME.png'],
  ]);
  return command
    .argument('<file.glb>', 'the model')
    .option('-o, --output <file.png>', "the picture (default: the model's name with .png)")
    .option('--fit', 'fit it into the unit cube first; submissions are rendered as they are')
    .option('--view <name|azimuth,elevation>', 'one view instead of the grid')
    .option('--size <pixels>', 'edge of the one view, 16 to 2048', parseSize)
    .addOption(
      new Option('--view-set <name>', 'which views there are').choices(VIEW_SET_NAMES).default('reference-grid@1'),
    )
    .option('--separate', 'also write every view of the set as a picture of its own')
    .addOption(new Option('--lighting <name>', 'how it is lit').choices(LIGHTINGS).default('studio@1'))
    .addOption(new Option('--device <name>', 'what renders').choices(['auto', 'lavapipe', 'nvidia']).default('auto'))
    .action(async (file: string, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<GlobalOptions & RenderOptions>();
      const { render } = await import('../actions/render/render.js');
      report(context, options, await render(file, options, context.terminal));
    });
}

function parseSize(text: string): number {
  const size = Number(text);
  if (!/^\d+$/.test(text) || size < 16 || size > 2048)
    throw new InvalidArgumentError('It is not a size from 16 to 2048.');
  return size;
}
