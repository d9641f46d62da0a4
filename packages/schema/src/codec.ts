import type { z } from 'zod';
import { counted } from './counted.js';
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

/** The most lines of a table that are read: every two of three hundred miners. */
export const MAX_ROWS = 100_000;
/** The most lines of a list. */
const MAX_LINES = 1_000_000;
/** So many entries of a list are held against its schema at once. */
const PART_ENTRIES = 1000;

/**
 * A table with a header line. Fields hold no commas, quotes or line breaks, so none are escaped. The schema must accept
 * every part of a list that it accepts.
 */
export function csv<Row extends Record<string, unknown>>(
  columns: readonly (keyof Row & string)[],
  schema: z.ZodType<readonly Row[]>,
): Codec<readonly Row[]> {
  const header = columns.join(',');
  return {
    kind: 'csv',
    schema,
    parse(text, path) {
      const [first, ...rest] = linesOf(withoutByteOrderMark(text), MAX_ROWS, (line, detail) => {
        throw new FormatError({ code: 'not_csv', path, line, detail });
      });
      if (first !== header) {
        throw new FormatError({ code: 'not_csv', path, line: 1, detail: `the header is not "${header}"` });
      }
      const rows: Record<string, string>[] = [];
      for (const [index, line] of rest.entries()) {
        if (line === '') continue;
        const cells = line.split(',');
        if (cells.length !== columns.length) {
          const detail = `${counted(cells.length, 'field')} instead of ${columns.length}`;
          throw new FormatError({ code: 'not_csv', path, line: index + 2, detail });
        }
        rows.push(Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? ''])));
      }
      return checkParts(schema, rows, path);
    },
    format: (rows) =>
      [header, ...rows.map((row) => columns.map((column) => String(row[column])).join(','))].join('\n').concat('\n'),
  };
}

/** One entry a line; empty lines and surrounding blanks are dropped. The schema is as a table's. */
export function lines<T extends string>(schema: z.ZodType<readonly T[]>): Codec<readonly T[]> {
  return {
    kind: 'lines',
    schema,
    parse(text, path) {
      const entries = linesOf(text, MAX_LINES, (_, detail) => {
        throw new FormatError({ code: 'schema', path, field: '', detail });
      });
      return checkParts(
        schema,
        entries.map((line) => line.trim()).filter((line) => line !== ''),
        path,
      );
    },
    format: (entries) => entries.map((entry) => `${entry}\n`).join(''),
  };
}

/** A text's lines; calls `refuse` when there are too many, before any is taken out. */
function linesOf(text: string, limit: number, refuse: (line: number, detail: string) => never): readonly string[] {
  let line = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
    line += 1;
    if (line > limit) refuse(line, `more than ${limit} lines`);
  }
  return text.split(/\r?\n/);
}

/** Checks a long list part by part, up to the first wrong part: a schema would report every wrong entry. */
function checkParts<T>(schema: z.ZodType<readonly T[]>, entries: readonly unknown[], path: string): readonly T[] {
  if (entries.length <= PART_ENTRIES) return check(schema, entries, path);
  const checked: T[] = [];
  for (let from = 0; from < entries.length; from += PART_ENTRIES) {
    for (const entry of check(schema, entries.slice(from, from + PART_ENTRIES), path, from)) checked.push(entry);
  }
  return checked;
}

/** @param from - Where a part of a list begins; a fault's field counts from there. */
function check<T>(schema: z.ZodType<T>, value: unknown, path: string, from = 0): T {
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
  const field =
    issue?.path.map((name, at) => String(at === 0 && from > 0 ? from + Number(name) : name)).join('.') ?? '';
  const more = issues.length - 1;
  const detail = `${issue?.message ?? 'invalid'}${more > 0 ? ` (and ${more} more)` : ''}`;
  throw new FormatError({ code: 'schema', path, field, detail });
}
