import type { z } from 'zod';
import { FormatError } from './format-error.js';
import { parseJson, withoutByteOrderMark } from './json-text.js';

/** How a state file's text becomes a value and back. `parse` throws FormatError; `path` is only named in errors. */
export interface Codec<T> {
  readonly kind: 'json' | 'csv' | 'lines' | 'text';
  readonly schema: z.ZodType<T>;
  parse(text: string, path: string): T;
  format(value: T): string;
}

/** JSON, written with two spaces of indentation and a final newline. What it refuses to read: {@link parseJson}. */
export function json<T>(schema: z.ZodType<T>): Codec<T> {
  return {
    kind: 'json',
    schema,
    parse(text, path) {
      let value: unknown;
      try {
        value = parseJson(text);
      } catch (error) {
        throw new FormatError({ code: 'not_json', path, detail: (error as Error).message });
      }
      return check(schema, value, path);
    },
    format: (value) => `${JSON.stringify(value, null, 2)}\n`,
  };
}

/** A table with a header line. Fields hold no commas, quotes or line breaks, so none are escaped. */
export function csv<Row extends Record<string, unknown>>(
  columns: readonly (keyof Row & string)[],
  schema: z.ZodType<readonly Row[]>,
): Codec<readonly Row[]> {
  const header = columns.join(',');
  return {
    kind: 'csv',
    schema,
    parse(text, path) {
      const [first, ...rest] = withoutByteOrderMark(text).split(/\r?\n/);
      if (first !== header) {
        throw new FormatError({ code: 'not_csv', path, line: 1, detail: `the header is not "${header}"` });
      }
      const rows: Record<string, string>[] = [];
      for (const [index, line] of rest.entries()) {
        if (line === '') continue;
        const cells = line.split(',');
        if (cells.length !== columns.length) {
          const detail = `${cells.length} fields instead of ${columns.length}`;
          throw new FormatError({ code: 'not_csv', path, line: index + 2, detail });
        }
        rows.push(Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? ''])));
      }
      return check(schema, rows, path);
    },
    format: (rows) =>
      [header, ...rows.map((row) => columns.map((column) => String(row[column])).join(','))].join('\n').concat('\n'),
  };
}

/** One entry a line; empty lines and surrounding blanks are dropped. */
export function lines<T extends string>(schema: z.ZodType<readonly T[]>): Codec<readonly T[]> {
  return {
    kind: 'lines',
    schema,
    parse: (text, path) =>
      check(
        schema,
        text
          .split(/\r?\n/)
          .map((line) => line.trim())
          .filter((line) => line !== ''),
        path,
      ),
    format: (entries) => entries.map((entry) => `${entry}\n`).join(''),
  };
}

function check<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { issues } = result.error;
  // What a newer version got wrong in the eyes of this one does not matter: that it is newer does.
  if (issues.some((issue) => issue.path.length === 1 && issue.path[0] === 'format_version')) {
    throw new FormatError({
      code: 'unknown_version',
      path,
      version: (value as { format_version?: unknown }).format_version,
    });
  }
  const [issue] = issues;
  const field = issue?.path.map(String).join('.') ?? '';
  const more = issues.length - 1;
  const detail = `${issue?.message ?? 'invalid'}${more > 0 ? ` (and ${more} more)` : ''}`;
  throw new FormatError({ code: 'schema', path, field, detail });
}
