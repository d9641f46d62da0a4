import { fieldsOf } from '../format-fields.js';
import type { AnyStateFile, StateFileTable } from '../state-file.js';

/** The table of a competition's state files in its format reference. @param schemaPath - Where a file's schema lies. */
export function filesTable(files: StateFileTable, schemaPath: (name: string) => string): string {
  const row = ([name, file]: readonly [string, AnyStateFile]): readonly string[] => {
    const form = file.codec.kind === 'json' ? `[schema](${schemaPath(name)})` : file.codec.kind;
    const path = `\`${file.path.template}\`${file.ours ? ' \\*' : ''}`;
    return [path, file.says, file.writers.join(', '), file.stages?.join(', ') ?? 'any', file.change.kind, form];
  };
  return markdownTable(['file', 'holds', 'writer', 'stages', 'change', 'form'], Object.entries(files).map(row));
}

/**
 * The fields of a JSON file, with its path as the heading.
 *
 * @param keys - What the keys of a file's map are, by the file's name.
 */
export function fieldsSection(
  files: StateFileTable,
  name: string,
  schema: object,
  keys: Readonly<Record<string, string>>,
): string {
  const rows = fieldsOf(schema, keys[name]).map(({ field, type, optional, says }) => [
    `\`${field}\``,
    optional ? `${type}, optional` : type,
    says,
  ]);
  return `
### \`${files[name]?.path.template}\`

${markdownTable(['field', 'type', 'meaning'], rows)}
`;
}

/** A table with its columns aligned, so that formatters of Markdown leave it as it is. */
export function markdownTable(head: readonly string[], body: readonly (readonly string[])[]): string {
  const rows = [head, ...body].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(3, ...rows.map((row) => [...(row[column] ?? '')].length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - [...cell].length)).join(' | ')} |`;
  const [first = [], ...others] = rows;
  return [line(first), line(widths.map((width) => '-'.repeat(width))), ...others.map(line)].join('\n');
}
