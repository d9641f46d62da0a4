import { z } from 'zod';
import { ConfigError } from './config-error.js';

/** The environment as a process receives it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads variables of the environment by a schema: the first of a config's three steps.
 *
 * An empty variable counts as absent. Unknown variables are ignored.
 *
 * @throws ConfigError naming every variable that is missing or malformed
 */
export function readEnvironment<Shape extends z.ZodRawShape>(
  shape: Shape,
  environment: Environment,
): z.output<z.ZodObject<Shape>> {
  return readFields(z.object(shape), Object.fromEntries(Object.keys(shape).map((name) => [name, name])), environment);
}

/**
 * Reads a configuration object by its schema, each field from the variable that `variables` names for it.
 *
 * @throws ConfigError naming every variable that is missing or malformed
 */
export function readFields<Schema extends z.ZodType>(
  schema: Schema,
  variables: Readonly<Record<string, string>>,
  environment: Environment,
): z.output<Schema> {
  const given = Object.fromEntries(
    Object.entries(variables).flatMap(([field, variable]) => {
      const value = environment[variable]?.trim();
      return value === undefined || value === '' ? [] : [[field, value]];
    }),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map(({ path, message }) => {
      const field = String(path[0] ?? '');
      const detail = Object.hasOwn(given, field) ? `is not usable: ${message}` : 'is not set';
      return { variable: variables[field] ?? field, detail };
    }),
  );
}

/** A number in a variable. */
export const NumberText = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/, 'is not a number')
  .transform(Number);

/** A whole number in a variable. */
export const IntText = z
  .string()
  .regex(/^\d{1,15}$/, 'is not a whole number')
  .transform(Number);

/** A list in a variable, separated by commas. */
export const ListText = z.string().transform((text) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ''),
);
