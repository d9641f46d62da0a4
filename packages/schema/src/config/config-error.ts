import { FaultError } from '../failures/fault-error.js';

/** One variable of the environment that cannot be used. The value is never part of it: it may be a secret. */
export interface BadVariable {
  readonly variable: string;
  readonly detail: string;
}

interface ConfigFault {
  readonly code: 'bad_config';
  readonly variables: readonly BadVariable[];
}

/** The environment does not configure this service. Names every variable that is wrong, never a value. */
export class ConfigError extends FaultError<ConfigFault> {
  override readonly name = 'ConfigError';
  constructor(variables: readonly BadVariable[]) {
    const message = variables.map(({ variable, detail }) => `${variable} ${detail}`).join('; ');
    super({ code: 'bad_config', variables }, message);
  }
}
