import type { Environment } from '@tiltyard/schema';

/** A path as the system's errors quote it. */
const QUOTED_PATH = /'(\/[^']+)'/g;

/**
 * Names of variables whose folder or file an error speaks of, or of a folder above, so that an operator knows which one
 * to look at: packages know paths, and not what these are called in an environment.
 */
export function variablesBehind(error: unknown, environment: Environment): readonly string[] {
  const message = error instanceof Error ? error.message : String(error);
  const quoted = [...message.matchAll(QUOTED_PATH)].map((match) => match[1] ?? '');
  return Object.entries(environment).flatMap(([name, value]) => {
    if (!/_(DIR|FILE)$/.test(name) || value === undefined || value.length < 2) return [];
    return message.includes(value) || quoted.some((above) => value.startsWith(`${above}/`)) ? [name] : [];
  });
}
