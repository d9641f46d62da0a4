import { EXIT } from './exit-status.js';
import { run } from './run.js';
import { processTerminal } from './terminal.js';

const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  // The first signal lets the command put things in order; the second one ends it as usual.
  process.once(name, () => interruption.abort(new Error(`interrupted by ${name}`)));
}
// A reader that has seen enough, such as `head`, is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2));

const status = await run(process.argv.slice(2), processTerminal(interruption.signal));
// Whoever interrupts does not wait for connections that were still opening.
if (status === EXIT.interrupted) process.exit(status);
process.exitCode = status;
