/**
 * The median of what is left when `trim` values are cut at each end; nothing is cut unless there are more than twice as many.
 * So a few lucky or unlucky prompts do not change the result.
 *
 * @param values - In any order and any unit.
 * @returns undefined without values.
 * @see docs/rules.md#trimmed-median
 */
export function trimmedMedian(values: readonly number[], trim: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return medianOfSorted(sorted.length > 2 * trim ? sorted.slice(trim, sorted.length - trim) : sorted);
}

/** The median: the middle value, or the mean of the two in the middle; undefined without values. */
export function median(values: readonly number[]): number | undefined {
  return trimmedMedian(values, 0);
}

function medianOfSorted(sorted: readonly number[]): number | undefined {
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined || sorted.length % 2 === 1) return upper;
  return ((sorted[middle - 1] as number) + upper) / 2;
}
