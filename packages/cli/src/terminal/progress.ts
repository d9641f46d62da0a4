import type { Terminal } from './terminal.js';

/** Shows how far long work is; replaces what it showed before. */
export type Tell = (text: string) => void;

/**
 * Runs long work with a line of progress on standard error, where a person watches it; in silence elsewhere.
 *
 * @throws whatever the work throws.
 */
export async function withProgress<T>(terminal: Terminal, title: string, work: (tell: Tell) => Promise<T>): Promise<T> {
  if (!terminal.watched) return work(() => undefined);
  const { Listr, ListrLogger, ProcessOutput } = await import('listr2');
  // Standard output is for the result only.
  const logger = new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) });
  let result: { readonly value: T } | undefined;
  const list = new Listr(
    [
      {
        title,
        task: async (_context, task) => {
          result = {
            value: await work((text) => {
              task.output = text;
            }),
          };
        },
      },
    ],
    { rendererOptions: { logger, showErrorMessage: false, collapseErrors: false }, registerSignalListeners: false },
  );
  await list.run();
  if (result === undefined) throw new Error(`${title} ended without a result`);
  return result.value;
}
