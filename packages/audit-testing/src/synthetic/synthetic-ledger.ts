import { createHash } from 'node:crypto';
import type { Dialect } from '@tiltyard/audit/gen3d';
import type { ChainMoment } from '@tiltyard/rules/gen3d';
import { BLOCK_SECONDS, formatCommitMessage, type ParamsOf, type ValueOf } from '@tiltyard/schema';
import {
  type AnnouncedFile,
  announceChanges,
  type MatchMatrix,
  type ServiceName,
  type StateFileName,
  stateFiles,
} from '@tiltyard/schema/gen3d';
import type { SyntheticCommit } from './synthetic-commit.js';

type Files = typeof stateFiles;

/** The first block, and its time: every other block is 12 seconds after the one before it. */
const START = { block: 1_000_000, timeMs: Date.UTC(2026, 0, 1, 6) };
const COMMIT_SECONDS = 60;
const VERSION = '0.1.0';

/** A state repository in the making: holds its files, and turns changes into commits with their messages. */
export class SyntheticLedger {
  readonly #values = new Map<string, unknown>();
  #timeMs = START.timeMs;
  #pending: (AnnouncedFile & { readonly path: string; readonly text: string })[] = [];

  constructor(readonly dialect: Dialect) {}

  /** The chain's present. */
  get now(): ChainMoment {
    const block = START.block + Math.floor((this.#timeMs - START.timeMs) / 1000 / BLOCK_SECONDS);
    return { block, time: new Date(this.#timeMs) };
  }

  /** Lets time pass until a block. */
  waitFor(block: number): void {
    this.#timeMs = Math.max(this.#timeMs, START.timeMs + (block - START.block) * BLOCK_SECONDS * 1000);
  }

  read<Name extends StateFileName>(name: Name, params: ParamsOf<Files[Name]>): ValueOf<Files[Name]> | undefined {
    return this.#values.get(this.#path(name, params)) as ValueOf<Files[Name]> | undefined;
  }

  /** Puts a file into the commit in the making. */
  write<Name extends StateFileName>(name: Name, params: ParamsOf<Files[Name]>, value: ValueOf<Files[Name]>): this {
    const path = this.#path(name, params);
    this.#pending.push({
      name,
      params,
      path,
      before: this.#values.get(path),
      after: value,
      text: this.#text(name, value),
    });
    this.#values.set(path, value);
    return this;
  }

  /** Makes the commit. */
  commit(service: ServiceName): SyntheticCommit {
    const lines = announceChanges(this.#pending, service);
    const files = new Map(this.#pending.map(({ path, text }) => [path, text]));
    this.#pending = [];
    this.#timeMs += COMMIT_SECONDS * 1000;
    const trailers = { service, version: VERSION };
    const message = this.dialect === 'ours' ? formatCommitMessage(lines, trailers) : `${lines.join('\n')}\n`;
    return { service, message, at: new Date(this.#timeMs), files };
  }

  #path<Name extends StateFileName>(name: Name, params: ParamsOf<Files[Name]>): string {
    return stateFiles[name].path.format(params as never);
  }

  #text(name: StateFileName, value: unknown): string {
    const text = stateFiles[name].codec.format(value as never);
    if (name !== 'matchMatrix' || this.dialect === 'ours') return text;
    // The reference is Python: its whole numbers have a decimal.
    const rows = (value as MatchMatrix).map(
      ({ left, right, margin }) => `${left},${right},${Number.isInteger(margin) ? margin.toFixed(1) : margin}`,
    );
    return ['left,right,margin', ...rows, ''].join('\n');
  }
}

/** The hash of a block of the synthetic chain. */
export function syntheticBlockHash(block: number): string {
  return `0x${createHash('sha256').update(`synthetic block ${block}`).digest('hex')}`;
}
