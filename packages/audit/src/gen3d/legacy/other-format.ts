import type { OtherContent as SharedContent, OtherFormat as SharedFormat } from '../../other-format.js';

/**
 * Where formats other than the registry's come from. People who audit meet them in public histories:
 * `splats`, the first competition, on Gaussian splats, with its tests; `scripts`, the later one, on three.js programs,
 * whose winners are verified by re-runs that are judged; `several`, what more than one had for a while; `tests`, what people tried out; `unknown`, what nobody has described.
 */
export type Era = 'splats' | 'scripts' | 'several' | 'tests' | 'unknown';

/** How each era is called in findings. */
export const ERAS: Readonly<Record<Era | 'meshes', string>> = {
  splats: 'first competition (splats)',
  meshes: 'competitions on meshes (the present formats)',
  scripts: 'later competition (three.js)',
  several: 'earlier rounds of several competitions',
  tests: 'a test',
  unknown: 'unknown',
};

/** A format of one of these eras. */
export interface OtherFormat extends SharedFormat {
  readonly era: Era;
}

/** A content of one of these eras. */
export interface OtherContent extends SharedContent {
  readonly era: Era;
}

export type Fields = Readonly<Record<string, unknown>>;

/** An object out of JSON. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first entry of a map or list that is an object; formats are told apart by it. */
export function firstEntry(value: unknown): Fields | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const entry of Array.isArray(value) ? value : Object.values(value)) return isFields(entry) ? entry : undefined;
  return undefined;
}

/** A map with every entry changed; entries that are no objects stay, for the schema to refuse. */
export function mapEntries(value: unknown, change: (entry: Fields) => unknown): unknown {
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, isFields(entry) ? change(entry) : entry]),
  );
}

/** A list with every entry changed. */
export function mapList(value: unknown, change: (entry: Fields) => unknown): unknown {
  return Array.isArray(value) ? value.map((entry: unknown) => (isFields(entry) ? change(entry) : entry)) : value;
}
