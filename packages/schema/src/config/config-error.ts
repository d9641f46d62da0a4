/** One variable of the environment that cannot be used. The value is never part of it: it may be a secret. */
export interface BadVariable {
  readonly variable: string;
  readonly problem: string;
}

/** The environment does not configure this service. Names every variable that is wrong, never a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'bad_config';
  constructor(readonly variables: readonly BadVariable[]) {
    super(variables.map(({ variable, problem }) => `${variable} ${problem}`).join('; '));
  }
}
