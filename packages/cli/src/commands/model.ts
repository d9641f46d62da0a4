import { Command } from 'commander';
import type { FetchModelCommandOptions, ImportModelCommandOptions } from '../actions/model.js';
import { type Context, commandWith, type GlobalOptions, report } from '../command.js';

const MODEL_DIR = [
  '--model-dir <dir>',
  'where models lie (default: $MODEL_DIR, or ~/.local/share/tiltyard/models)',
] as const;

/** `tiltyard model`: the weights that measure distances. */
export function modelCommand(context: Context): Command {
  return new Command('model')
    .description('Get the DINOv3 weights. Meta licenses them to you; no one else may ship them.')
    .addCommand(fetchCommand(context))
    .addCommand(importCommand(context));
}

function fetchCommand(context: Context): Command {
  const command = commandWith('fetch', 'Download the published weights with your own Hugging Face account.', [
    ['model fetch', 'with the token in $HF_TOKEN; an interrupted download goes on where it stopped'],
    ['model fetch --token-file ~/.cache/huggingface/token', 'with the token in a file'],
  ]);
  return command
    .option(...MODEL_DIR)
    .option('--token-file <file>', "a file with the token of an account that accepted the model's licence")
    .option('--endpoint <url>', 'a mirror of huggingface.co; what it serves must have the pinned sha256')
    .action(async (_options: unknown, self: Command) => {
      const options = self.optsWithGlobals<GlobalOptions & FetchModelCommandOptions>();
      const { fetchModelFor } = await import('../actions/model.js');
      report(context, options, await fetchModelFor(options, context.terminal));
    });
}

function importCommand(context: Context): Command {
  const command = commandWith('import', 'Take a model.safetensors, or an ONNX export of it, into the model folder.', [
    ['model import ~/Downloads/model.safetensors', 'after loading it; the file is copied'],
    ['model import model.onnx --sha256 4610ad75…', 'refuse any other file'],
  ]);
  return command
    .argument('<file>', 'the weights')
    .option(...MODEL_DIR)
    .option('--sha256 <hex>', 'what the file must be')
    .action(async (file: string, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<GlobalOptions & ImportModelCommandOptions>();
      const { importModelFrom } = await import('../actions/model.js');
      report(context, options, await importModelFrom(file, options, context.terminal));
    });
}
