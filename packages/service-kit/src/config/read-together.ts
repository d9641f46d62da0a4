import { type BadVariable, ConfigError } from './config-error.js';

/**
 * Runs the readers of a configuration's parts, so that an operator hears of everything that is wrong at once.
 *
 * A part may be another package's: what it throws with `fault: { code: 'bad_config', field, problem }` (StoreError,
 * JudgeError) is taken for a variable that cannot be used.
 *
 * @throws ConfigError naming what any of the parts found
 *
 * @example
 * const { kit, store } = readTogether({ kit: () => readKitConfig(env), store: () => readObjectStoreConfig(env) });
 */
export function readTogether<Parts extends Readonly<Record<string, () => unknown>>>(
  parts: Parts,
): { readonly [Name in keyof Parts]: ReturnType<Parts[Name]> } {
  const bad: BadVariable[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, read] of Object.entries(parts)) {
    try {
      values[name] = read();
    } catch (error) {
      bad.push(...badVariablesOf(error));
    }
  }
  if (bad.length > 0) throw new ConfigError(bad);
  return values as { readonly [Name in keyof Parts]: ReturnType<Parts[Name]> };
}

function badVariablesOf(error: unknown): readonly BadVariable[] {
  if (error instanceof ConfigError) return error.variables;
  const { fault } = error as { fault?: { code?: unknown; field?: unknown; problem?: unknown } };
  if (fault?.code !== 'bad_config') throw error;
  return [{ variable: String(fault.field), problem: sayProblem(String(fault.problem)) }];
}

/** A schema's own words begin otherwise than ours, and call a variable that is not there an undefined string. */
function sayProblem(problem: string): string {
  if (problem.endsWith('received undefined')) return 'is not set';
  return /^(is|has|holds)\b/.test(problem) ? problem : `is not usable: ${problem}`;
}
