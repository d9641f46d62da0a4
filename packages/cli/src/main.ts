import { run } from './run.js';
import { processTerminal } from './terminal.js';

const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  // The first signal lets the command put things in order; the second one ends it as usual.
  process.once(name, () => interruption.abort(new Error(`interrupted by ${name}`)));
}
// A reader that has seen enough, such as `head`, is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2));

process.exitCode = await run(process.argv.slice(2), processTerminal(interruption.signal));
