import { ConfigError } from '@tiltyard/schema';

/** The variables that a service's reading of an environment complains about. */
export function complaints(
  readConfig: (environment: Readonly<Record<string, string>>) => unknown,
  environment: Readonly<Record<string, string>>,
): readonly string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.fault.variables.map(({ variable }) => variable);
  }
}
