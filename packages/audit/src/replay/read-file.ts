import { isUtf8 } from 'node:buffer';
import type { ObjectAnswer } from '@tiltyard/git';
import { FormatError, MAX_ROWS, parseJson } from '@tiltyard/schema';
import type { StateFileName } from '@tiltyard/schema/gen3d';
import type { AuditedPath } from '../gen3d/legacy/era-files.js';
import { otherContentOf } from '../gen3d/legacy/other-contents.js';
import { ERAS, isFields, type OtherContent } from '../gen3d/legacy/other-format.js';
import type { Dialect } from '../interfaces.js';
import { CERTAINLY_VALID } from './certainly-valid.js';
import { isUtf16, textRemarks } from './text-remarks.js';
import type { FileContent } from './tree.js';

type Read = Pick<FileContent, 'value' | 'problem' | 'format' | 'position'>;

const MOST_STAGE_CHARACTERS = 40;

/**
 * Reads a state file's content. Never throws for what the content is: that is a finding.
 *
 * In the reference dialect a content may be of the format of another era; then its translation is read.
 */
export function readContent(
  known: AuditedPath,
  path: string,
  answer: ObjectAnswer | undefined,
  dialect: Dialect,
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
    ...(known.name === 'matchMatrix' ? { rows: rowsOf(text) } : {}),
  };
  try {
    return { ...readText(known, path, text, dialect), ...beside };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { value: undefined, problem: problemOf(error, path), ...beside };
  }
}

/** @throws FormatError */
function readText({ name, file }: AuditedPath, path: string, text: string, dialect: Dialect): Read {
  const { kind } = file.codec;
  // What is read quickly, or in another way, is not longer than what is read at all.
  if (Buffer.byteLength(text) <= file.maxBytes && (kind === 'json' || kind === 'csv')) {
    const content = kind === 'json' ? documentOf(text) : text;
    if (CERTAINLY_VALID[name as StateFileName]?.(content) === true) return { value: content, problem: undefined };
    const other = dialect === 'reference' ? otherContentOf(name, content) : undefined;
    if (other !== undefined) return readOther(other, { name, file }, path, content);
  }
  return { value: file.parse(text, path), problem: undefined };
}

/** A content of another era. What is wrong with it is told of its translation, in the present schema's words. */
function readOther(
  format: OtherContent,
  { name, file }: Pick<AuditedPath, 'name' | 'file'>,
  path: string,
  content: unknown,
): Read {
  if (format.read === undefined) {
    const detail = `is of another format (${ERAS[format.era]}): ${format.what}`;
    const position = name === 'state' ? positionOf(content) : undefined;
    const beside = position === undefined ? {} : { position };
    return { value: undefined, problem: { kind: 'other_format', detail }, format, ...beside };
  }
  const translated = format.read(content);
  if (CERTAINLY_VALID[name as StateFileName]?.(translated) === true) {
    return { value: translated, problem: undefined, format };
  }
  if (typeof translated === 'string') return { value: file.parse(translated, path), problem: undefined, format };
  const result = file.codec.schema.safeParse(translated);
  if (result.success) return { value: result.data, problem: undefined, format };
  const [issue] = result.error.issues;
  const where = issue === undefined ? '' : `${issue.path.map(String).join('.')}: ${issue.message}`;
  return { value: undefined, problem: { kind: 'invalid', detail: `as ${format.what}: ${where}`.slice(0, 500) } };
}

/** Round and stage of a state.json of another stage machine; undefined where it says neither as a state does. */
function positionOf(content: unknown): FileContent['position'] {
  const { current_round, stage } = isFields(content) ? content : {};
  if (typeof current_round !== 'number' || !Number.isSafeInteger(current_round) || typeof stage !== 'string') {
    return undefined;
  }
  return { current_round, stage: stage.slice(0, MOST_STAGE_CHARACTERS) };
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

/** A table's rows as text, without its header; none of one that has more lines than are read. */
function rowsOf(text: string): readonly string[] {
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
    lines += 1;
    if (lines > MAX_ROWS) return [];
  }
  return text
    .split(/\r?\n/)
    .slice(1)
    .filter((row) => row !== '');
}
