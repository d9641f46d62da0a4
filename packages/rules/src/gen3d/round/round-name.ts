import type { Config } from '@tiltyard/schema/gen3d';

/**
 * A round's name in submissions and image tags: the slug of the competition's title (lower case, blanks to hyphens), and the
 * round's number.
 *
 * @see docs/rules.md#submissions
 */
export function roundName({ name }: Pick<Config, 'name'>, round: number): string {
  return `${name.toLowerCase().replace(/ +/g, '-')}-${round}`;
}
