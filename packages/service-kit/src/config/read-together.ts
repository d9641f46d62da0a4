import { type BadVariable, ConfigError } from '@tiltyard/schema';

/**
 * Runs the readers of a configuration's parts, so that an operator hears of everything that is wrong at once.
 *
 * @throws ConfigError naming what any of the parts found
 *
 * @example
 * const { kit, store } = readTogether({ kit: () => readKitConfig(env), store: () => readStoreConfig(env) });
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
      if (!(error instanceof ConfigError)) throw error;
      bad.push(...error.fault.variables);
    }
  }
  if (bad.length > 0) throw new ConfigError(bad);
  return values as { readonly [Name in keyof Parts]: ReturnType<Parts[Name]> };
}
