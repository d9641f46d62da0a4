import { sameValue } from './same-value.js';

/** The most fields of one entry that are listed. */
const FIELDS_TOLD = 8;
const MOST_CHARACTERS = 100;

/** What differs between two entries, field by field, in words: `weight 0.8 → 1`. */
export function changedFields(before: unknown, after: unknown): string {
  if (!isFields(before) || !isFields(after)) return `${shown(before)} → ${shown(after)}`;
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (field) => !sameValue(before[field], after[field]),
  );
  const told = fields.slice(0, FIELDS_TOLD).map((field) => `${field} ${shown(before[field])} → ${shown(after[field])}`);
  return [...told, ...(fields.length > told.length ? [`${fields.length - told.length} more`] : [])].join(', ');
}

/** What became of entry `at` of a list whose entries are only appended, in words: `entry 2 was changed (weight 0.8 → 1)`. */
export function describeEntryChange(before: readonly unknown[], after: readonly unknown[], at: number): string {
  const isRemoved = at >= after.length || (at + 1 < before.length && sameValue(after[at], before[at + 1]));
  if (isRemoved) return `entry ${at} was removed (${entryText(before[at])})`;
  return `entry ${at} was changed (${changedFields(before[at], after[at])})`;
}

/** What became of a state file's value, in words. Undefined when both values say the same. */
export function describeValueChange(before: unknown, after: unknown): string | undefined {
  if (sameValue(before, after)) return undefined;
  if (!Array.isArray(before) || !Array.isArray(after)) return changedFields(before, after);
  const at = before.findIndex((entry, index) => !sameValue(entry, after[index]));
  if (at >= 0) return describeEntryChange(before, after, at);
  const added = after.length - before.length;
  const first = entryText(after[before.length]);
  return added === 1 ? `entry ${before.length} was added (${first})` : `${added} entries were added, first ${first}`;
}

function entryText(entry: unknown): string {
  if (!isFields(entry)) return shown(entry);
  return Object.entries(entry)
    .slice(0, FIELDS_TOLD)
    .map(([field, value]) => `${field} ${shown(value)}`)
    .join(', ');
}

function shown(value: unknown): string {
  if (value === undefined) return 'none';
  const text = JSON.stringify(value);
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
