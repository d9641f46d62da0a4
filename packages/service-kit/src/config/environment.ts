import { z } from 'zod';
import { Secret } from '../secret.js';
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
  const given = Object.fromEntries(
    Object.keys(shape).flatMap((name) => {
      const value = environment[name]?.trim();
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
  const parsed = z.object(shape).safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map((issue) => {
      const variable = String(issue.path[0] ?? '');
      return { variable, problem: Object.hasOwn(given, variable) ? `is not usable: ${issue.message}` : 'is not set' };
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

/** A switch in a variable: 1, true, yes, on or their contraries. */
export const SwitchText = z.stringbool();

/** A secret in a variable. */
export const SecretText = z.string().transform((text) => new Secret(text));
