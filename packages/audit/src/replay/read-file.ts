import { FormatError, type KnownPath, parseJson } from '@tiltyard/schema';
import type { ObjectAnswer } from '../git/object-stream.js';
import { CERTAINLY_VALID } from './certainly-valid.js';
import type { FileContent } from './tree.js';

/** Reads a state file's content. Never throws for what the content is: that is a finding. */
export function readContent(known: KnownPath, path: string, answer: ObjectAnswer | undefined): FileContent {
  if (answer === undefined) return { value: undefined, problem: { kind: 'not_a_file' } };
  if (answer.kind === 'missing') return { value: undefined, problem: { kind: 'missing' } };
  if (answer.kind === 'too_large') {
    return { value: undefined, problem: { kind: 'unreadable', detail: `${answer.sizeBytes} bytes are too many` } };
  }
  if (answer.type !== 'blob') return { value: undefined, problem: { kind: 'not_a_file' } };
  const text = answer.content.toString('utf8');
  const rows = known.name === 'matchMatrix' ? { rows: rowsOf(text) } : {};
  try {
    const value = quickly(known, text, answer.content.length) ?? known.file.parse(text, path);
    return { value, problem: undefined, ...rows };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { value: undefined, problem: problemOf(error, path), ...rows };
  }
}

/** The value of a file that is valid beyond doubt; undefined when the schema has to say. */
function quickly({ name, file }: KnownPath, text: string, sizeBytes: number): unknown {
  const isValid = CERTAINLY_VALID[name];
  if (isValid === undefined || sizeBytes > file.maxBytes) return undefined;
  try {
    const value = parseJson(text);
    return isValid(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function problemOf({ fault, message }: FormatError, path: string): FileContent['problem'] {
  const detail = message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message;
  const kind = fault.code === 'schema' || fault.code === 'unknown_version' ? 'invalid' : 'unreadable';
  return { kind, detail: detail.slice(0, 500) };
}

/** A table's rows as text, without its header. */
function rowsOf(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .slice(1)
    .filter((row) => row !== '');
}
