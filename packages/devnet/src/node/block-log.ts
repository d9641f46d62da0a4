import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { DevnetError } from '../errors.js';
import type { DevnetLogger } from '../logger.js';
import type { Change } from '../runtime/state-history.js';
import type { Hex } from '../scale/codec.js';
import { type FolderLock, lockFolder } from './folder-lock.js';

const FORMAT = 1;
const HexText = z.custom<Hex>((value) => typeof value === 'string' && /^0x(?:[0-9a-f]{2})*$/.test(value), 'is not hex');
const Changes = z.array(z.tuple([HexText, HexText.nullable()]));
const Height = z.int().min(0);

const GenesisRecord = z.strictObject({
  kind: z.literal('genesis'),
  format: z.literal(FORMAT),
  /** Of the options that the chain was made from. */
  fingerprint: z.string(),
  startTimeMs: z.int(),
  changes: Changes,
});
const BlockRecord = z.strictObject({
  kind: z.literal('block'),
  height: Height,
  extrinsics: z.array(HexText),
  events: HexText.nullable(),
  changes: Changes,
});
/** Blocks up to this height are empty. */
const HeadRecord = z.strictObject({ kind: z.literal('head'), height: Height });
const Record = z.discriminatedUnion('kind', [GenesisRecord, BlockRecord, HeadRecord]);

export interface GenesisEntry {
  readonly kind: 'genesis';
  readonly fingerprint: string;
  readonly startTimeMs: number;
  readonly changes: readonly Change[];
}
export interface BlockEntry {
  readonly kind: 'block';
  readonly height: number;
  readonly extrinsics: readonly Hex[];
  readonly events: Hex | null;
  readonly changes: readonly Change[];
}
export interface HeadEntry {
  readonly kind: 'head';
  readonly height: number;
}
export type LogEntry = GenesisEntry | BlockEntry | HeadEntry;

/**
 * The chain on disk: one file that only grows, a line a record, each with its CRC.
 *
 * A block is durable before it is announced. What a crash leaves half-written at the end does not match its CRC and is
 * cut off when the chain is opened again; the bytes cut are kept next to the log.
 */
export class BlockLog implements Disposable {
  readonly entries: readonly LogEntry[];
  readonly #lock: FolderLock;
  readonly #file: number;

  /** Throws DevnetError `folder_in_use` or `log_unreadable`. */
  constructor(folder: string, log: DevnetLogger) {
    mkdirSync(folder, { recursive: true });
    this.#lock = lockFolder(folder);
    try {
      const file = path.join(folder, 'chain.log');
      this.entries = existsSync(file) ? readLog(file, log) : [];
      this.#file = openSync(file, 'a');
      syncFolder(folder);
    } catch (error) {
      this.#lock[Symbol.dispose]();
      throw error;
    }
  }

  /** Appends records and waits until they are on the disk. */
  append(entries: readonly LogEntry[]): void {
    const bytes = Buffer.concat(entries.map(line));
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#file, bytes, written);
    fdatasyncSync(this.#file);
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
    this.#lock[Symbol.dispose]();
  }
}

function line(entry: LogEntry): Buffer {
  const json = JSON.stringify(entry.kind === 'genesis' ? { ...entry, format: FORMAT } : entry);
  return Buffer.from(`${checksum(Buffer.from(json))} ${json}\n`);
}

function readLog(file: string, log: DevnetLogger): readonly LogEntry[] {
  const bytes = readFileSync(file);
  const entries: LogEntry[] = [];
  let good = 0;
  for (let end = bytes.indexOf('\n'); end >= 0; end = bytes.indexOf('\n', good)) {
    const entry = parseLine(bytes.subarray(good, end));
    if (entry === undefined || !follows(entry, entries.at(-1))) break;
    entries.push(entry);
    good = end + 1;
  }
  if (good < bytes.length) cut(file, bytes.subarray(good), good, entries, log);
  return entries;
}

function cut(file: string, tail: Buffer, at: number, entries: readonly LogEntry[], log: DevnetLogger): void {
  // A genesis record that was torn while it was written is the only line there is; anything more is not our file's start.
  if (entries.length === 0 && tail.includes('\n')) {
    throw new DevnetError({
      code: 'log_unreadable',
      file,
      detail: 'the first record is not a genesis of this format',
    });
  }
  const keptAs = `${file}.cut-at-${at}`;
  writeFileSync(keptAs, tail);
  truncateSync(file, at);
  const last = entries.at(-1);
  log.warn(
    { file, offset: at, bytes: tail.length, keptAs, head: last !== undefined && 'height' in last ? last.height : null },
    'cut a corrupt tail off the chain log',
  );
}

function parseLine(bytes: Buffer): LogEntry | undefined {
  const json = bytes.subarray(9);
  if (bytes.subarray(0, 8).toString() !== checksum(json)) return undefined;
  try {
    const parsed = Record.safeParse(JSON.parse(json.toString()));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

function follows(entry: LogEntry, last: LogEntry | undefined): boolean {
  if (last === undefined) return entry.kind === 'genesis';
  if (entry.kind === 'genesis') return false;
  return last.kind === 'genesis' || entry.height > last.height;
}

function checksum(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}

/** Makes a new file's name durable. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
