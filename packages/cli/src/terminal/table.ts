import { stripVTControlCharacters } from 'node:util';

const GAP = '  ';

/**
 * Lays out rows in columns as wide as their widest cell. Styled cells count by what is seen of them.
 *
 * @returns one line a row, without line breaks at their ends.
 */
export function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, seen(cell));
  }
  return rows.map((row) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell + ' '.repeat((widths[at] ?? 0) - seen(cell))))
      .join(GAP)
      .trimEnd(),
  );
}

/** Lines moved to the right, to stand under a heading. */
export function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line === '' ? line : `  ${line}`));
}

function seen(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
