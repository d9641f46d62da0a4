/** Runs one command line; what `bin/tiltyard.js` does. */
export { EXIT, type ExitStatus } from './exit-status.js';
export { run } from './run.js';
/** What a command line writes to and knows. */
export { processTerminal, type Terminal } from './terminal/terminal.js';
