/**
 * A number with two decimals, as Python's `f"{x:.2f}"` writes it.
 *
 * Both languages round the exact binary value; they differ only on a tie, which Python rounds to even and JavaScript up.
 * Halves of a hundredth that are exact in binary are odd eighths.
 */
export function fixed2(value: number): string {
  const eighths = value * 8;
  const isTie = Number.isInteger(eighths) && eighths % 2 !== 0;
  if (!isTie) return value.toFixed(2);
  const below = Math.floor(value * 100);
  return ((below % 2 === 0 ? below : below + 1) / 100).toFixed(2);
}
