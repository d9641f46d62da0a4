import { parseArgs } from 'node:util';
import type { ConfigError } from '@tiltyard/schema';

/** EX_CONFIG of sysexits.h: nothing changes by starting the process again. A crash ends with 1 and is worth a restart. */
export const EXIT_CONFIG = 78;
/** EX_USAGE of sysexits.h: the arguments make no command. */
const EXIT_USAGE = 64;

/** What a service's process is asked for: a check of its environment, or to run. */
export type ServiceAction = 'check-config' | 'run';

const usage = (name: string) => `usage: node services/${name}/dist/main.js [--check-config | --help]

Runs the ${name} until SIGTERM. Environment variables configure it: docs/operating.md lists them.

  --check-config   read the variables, name every one that is missing or wrong, and end with 0 or ${EXIT_CONFIG}
  --help           show this

Exit status: 0 after an orderly stop, 1 when it cannot run (restart it), ${EXIT_USAGE} and ${EXIT_CONFIG} when the arguments or the environment do
not configure it (do not restart it).
`;

/** Reads a service's arguments. `--help` and wrong arguments end the process here, with 0 and 64. */
export function readCommandLine(name: string, args: readonly string[]): ServiceAction {
  const options = { 'check-config': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;
  try {
    const { values } = parseArgs({ args: [...args], options, strict: true, allowPositionals: false });
    if (values.help === true) {
      process.stdout.write(usage(name));
      process.exit(0);
    }
    return values['check-config'] === true ? 'check-config' : 'run';
  } catch (error) {
    process.stderr.write(`${name}: ${(error as Error).message}\n\n${usage(name)}`);
    process.exit(EXIT_USAGE);
  }
}

/** Names every variable that is missing or wrong, a line each, and ends the process with {@link EXIT_CONFIG}. */
export function sayBadConfig(name: string, { fault }: ConfigError): never {
  process.stderr.write(`${name}: the environment does not configure this service\n`);
  for (const { variable, detail } of fault.variables) process.stderr.write(`  ${variable} ${detail}\n`);
  process.exit(EXIT_CONFIG);
}
