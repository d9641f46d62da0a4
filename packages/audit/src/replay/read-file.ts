import { isUtf8 } from 'node:buffer';
import type { ObjectAnswer } from '@tiltyard/git';
import { FormatError, parseJson } from '@tiltyard/schema';
import type { AuditedCompetition } from '../audited-competition.js';
import type { AuditedPath } from '../git/paths.js';
import type { Legacy } from '../legacy.js';
import type { OtherContent } from '../other-format.js';
import { isUtf16, textRemarks } from './text-remarks.js';
import type { FileContent } from './tree.js';

type Read = Pick<FileContent, 'value' | 'problem' | 'format' | 'kept'>;

/** By what a content is read. */
export interface Reading {
  readonly competition: AuditedCompetition;
  /** The formats beside the table's; undefined where there are none. */
  readonly legacy: Legacy | undefined;
}

/**
 * Reads a state file's content. Never throws for what the content is: that is a finding.
 *
 * Where there are formats beside the table's, a content may be of one of them; then its translation is read.
 */
export function readContent(
  known: AuditedPath,
  path: string,
  answer: ObjectAnswer | undefined,
  by: Reading,
): FileContent {
  if (answer === undefined) return { value: undefined, problem: { kind: 'not_a_file' } };
  if (answer.kind === 'missing') return { value: undefined, problem: { kind: 'missing' } };
  if (answer.kind === 'too_large') {
    const detail = `is not read: ${answer.sizeBytes} bytes are more than a state file may have`;
    return { value: undefined, problem: { kind: 'unreadable', detail } };
  }
  if (answer.type !== 'blob') return { value: undefined, problem: { kind: 'not_a_file' } };
  // Bytes that are no text would be read as other characters than stand there: the ledger refuses them too.
  if (!isUtf8(answer.content)) {
    const detail = isUtf16(answer.content) ? 'is UTF-16 text, not UTF-8' : 'is not UTF-8';
    return { value: undefined, problem: { kind: 'unreadable', detail } };
  }
  const text = answer.content.toString('utf8');
  const remarks = textRemarks(answer.content);
  const beside = {
    ...(remarks.length === 0 ? {} : { remarks }),
    ...keptOfText(known.name, text, by),
  };
  try {
    return { ...readText(known, path, text, by), ...beside };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { value: undefined, problem: problemOf(error, path), ...beside };
  }
}

/** @throws FormatError */
function readText({ name, file }: AuditedPath, path: string, text: string, by: Reading): Read {
  const { kind } = file.codec;
  // What is read quickly, or in another way, is not longer than what is read at all.
  if (Buffer.byteLength(text) <= file.maxBytes && (kind === 'json' || kind === 'csv')) {
    const content = kind === 'json' ? documentOf(text) : text;
    if (by.competition.certainlyValid[name]?.(content) === true) return { value: content, problem: undefined };
    const other = by.legacy?.contentOf(name, content);
    if (other !== undefined) return readOther(other, { name, file }, { path, content, by });
  }
  return { value: file.parse(text, path), problem: undefined };
}

/** A content of another era. What is wrong with it is told of its translation, in the present schema's words. */
function readOther(
  format: OtherContent,
  { name, file }: Pick<AuditedPath, 'name' | 'file'>,
  { path, content, by: { competition } }: { readonly path: string; readonly content: unknown; readonly by: Reading },
): Read {
  if (format.read === undefined) {
    const detail = `is of another format (${competition.eras[format.era]}): ${format.what}`;
    const kept = format.kept?.(content);
    return {
      value: undefined,
      problem: { kind: 'other_format', detail },
      format,
      ...(kept === undefined ? {} : { kept }),
    };
  }
  const translated = format.read(content);
  if (competition.certainlyValid[name]?.(translated) === true) {
    return { value: translated, problem: undefined, format };
  }
  if (typeof translated === 'string') return { value: file.parse(translated, path), problem: undefined, format };
  const result = file.codec.schema.safeParse(translated);
  if (result.success) return { value: result.data, problem: undefined, format };
  const [issue] = result.error.issues;
  const where = issue === undefined ? '' : `${issue.path.map(String).join('.')}: ${issue.message}`;
  return { value: undefined, problem: { kind: 'invalid', detail: `as ${format.what}: ${where}`.slice(0, 500) } };
}

function keptOfText(name: string, text: string, { competition }: Reading): Pick<FileContent, 'kept'> {
  const kept = competition.keptOfText?.(name, text);
  return kept === undefined ? {} : { kept };
}

/** A JSON text's document; undefined when it is none, which the format's own codec then says why. */
function documentOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function problemOf({ fault, message }: FormatError, path: string): FileContent['problem'] {
  const detail = message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message;
  const kind = fault.code === 'schema' || fault.code === 'unknown_version' ? 'invalid' : 'unreadable';
  return { kind, detail: detail.slice(0, 500) };
}
