import { type AnyStateFile, FormatError, type ValueOf } from '@tiltyard/schema';
import { LedgerError } from './ledger-error.js';

/** The value of a state file's text. @throws LedgerError `invalid`, `too_large`, `unknown_version`, naming path and field. */
export function fileValue<File extends AnyStateFile>(file: File, text: string, path: string): ValueOf<File> {
  try {
    return file.parse(text, path);
  } catch (error) {
    throw error instanceof FormatError ? asLedgerError(error) : error;
  }
}

/**
 * The text of a state file's new value, checked by reading it back.
 *
 * A table that only grows keeps its old text to the letter, whatever its writer's way with numbers was, because its rows
 * are audited as text.
 *
 * @param before - The old text and value, where the file exists.
 * @throws LedgerError `invalid`, `too_large`.
 */
export function fileText<File extends AnyStateFile>(
  file: File,
  path: string,
  value: ValueOf<File>,
  before?: { readonly text: string; readonly value: ValueOf<File> | undefined },
): string {
  const text = file.codec.format(value);
  fileValue(file, text, path);
  const appends = file.codec.kind === 'csv' && file.change.kind === 'append';
  if (before === undefined || !appends || text.startsWith(before.text)) return text;
  if (!Array.isArray(value) || !Array.isArray(before.value)) return text;
  const added = file.codec.format(value.slice(before.value.length));
  const rows = added.slice(added.indexOf('\n') + 1);
  return `${before.text}${before.text.endsWith('\n') ? '' : '\n'}${rows}`;
}

/** A text that is not of its file's format, as the ledger's fault. */
export function asLedgerError(error: FormatError): LedgerError {
  const { fault } = error;
  switch (fault.code) {
    case 'too_large':
      return new LedgerError(fault);
    case 'unknown_version':
      return new LedgerError({ code: 'unknown_version', path: fault.path, version: fault.version });
    case 'not_json':
      return invalid(fault.path, '', `not JSON: ${fault.detail}`, error);
    case 'not_csv':
      return invalid(fault.path, `line ${fault.line}`, fault.detail, error);
    case 'schema':
      return invalid(fault.path, fault.field, fault.detail, error);
  }
}

function invalid(path: string, field: string, detail: string, cause: unknown): LedgerError {
  return new LedgerError({ code: 'invalid', path, field, detail, cause });
}
