import { EXIT } from './exit-status.js';
import { run } from './run.js';
import { listenForInterruption } from './terminal/interruption.js';
import { processTerminal } from './terminal/terminal.js';

const interruption = listenForInterruption({ signals: process, end: () => process.exit(EXIT.interrupted) });
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    // The terminal is gone.
    if (code === 'EIO') interruption.interrupt('a terminal that went away');
    // A reader that has seen enough, such as `head`, is not our failure. What only people read need not be read.
    else if (stream === process.stdout) process.exit(code === 'EPIPE' ? EXIT.ok : EXIT.failed);
  });
}

const status = await run(process.argv.slice(2), processTerminal(interruption));
// After an interrupt, do not wait for connections that are still opening.
if (status === EXIT.interrupted) process.exit(status);
process.exitCode = status;
