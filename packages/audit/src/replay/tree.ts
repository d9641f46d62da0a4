import { createHash } from 'node:crypto';
import type { SideFiles } from '@tiltyard/rules/gen3d';
import { type Hotkey, type ParamsOf, type Side, shortName, type ValueOf } from '@tiltyard/schema';
import {
  type GenerationResult,
  type Generations,
  type StateFileName,
  type Stem,
  stateFiles,
  stemOf,
} from '@tiltyard/schema/gen3d';
import { type AuditedPath, sidePaths } from '../gen3d/legacy/era-files.js';
import type { OtherContent } from '../gen3d/legacy/other-format.js';
import type { ReportDigest } from '../gen3d/round/report-digest.js';
import type { TextRemark } from './text-remarks.js';

/** A state file as of a commit. */
export interface TreeFile {
  readonly path: string;
  readonly known: AuditedPath;
  readonly blob: string;
  /** When it first appeared, by that commit's date, in milliseconds. */
  readonly firstAtMs: number;
  /** The same of this content. */
  readonly writtenAtMs: number;
  readonly content: FileContent;
}

/** What was read of a state file. Mutable in one way only: a parsed value may be let go, and read again. */
export interface FileContent {
  /** The parsed value; undefined while it is not held, and for what cannot be read. */
  value: unknown;
  /** Why there is no value to be had. */
  readonly problem: FileProblem | undefined;
  /** Set where the content is of another format than the registry's: the value, if there is one, is its translation. */
  readonly format?: OtherContent | undefined;
  /** What is odd about its bytes; empty for most files. */
  readonly remarks?: readonly TextRemark[];
  /** Why it counts for nothing where it stands: it is of another era than what surrounds it. */
  readonly stray?: string;
  /** Of a state.json that is of another stage machine: where that says that the competition stands. */
  readonly position?: StagePositionOnRecord;
  /** Rows of the matrix, as text. */
  readonly rows?: readonly string[];
  digest?: ReportDigest;
  audit?: AuditDigest;
  chain?: ChainDigest;
  /** How many pods a run had, of its statistics. */
  pods?: number;
  /** Of a side's files: whether there is one to play with. */
  delivers?: boolean;
  inputs?: string;
}

/**
 * Why a state file's content cannot be had: not in this repository, no plain file, not of its format, of another one, or of
 * another era than its round.
 */
export type FileProblem =
  | { readonly kind: 'missing' }
  | { readonly kind: 'not_a_file' }
  | { readonly kind: 'unreadable'; readonly detail: string }
  | { readonly kind: 'invalid'; readonly detail: string }
  | { readonly kind: 'other_format'; readonly detail: string }
  | { readonly kind: 'other_era'; readonly detail: string };

/** Round and stage as a state.json has them, whatever its stage machine. */
export interface StagePositionOnRecord {
  readonly current_round: number;
  readonly stage: string;
}

/** What later rules need of a re-run's report: its margin on record, and as its duels have it. */
export interface AuditDigest {
  readonly left: string;
  readonly margin: number;
  readonly due: number;
}

/** What is kept of a challenger's duels against whoever led when its turn came. */
export interface ChainDigest {
  readonly leader: Side;
  readonly margin: number;
}

type Files = typeof stateFiles;

/** The state files of one commit, by what they are. */
export interface Tree {
  at(path: string): TreeFile | undefined;
  paths(): Iterable<string>;
  /** The paths of a round's files. */
  ofRound(round: number): Iterable<string>;
}

/** A state file by its name in the registry. */
export function fileOf<Name extends StateFileName>(
  tree: Tree,
  name: Name,
  params: ParamsOf<Files[Name]>,
): TreeFile | undefined {
  return tree.at(pathOf(name, params));
}

/** A state file's path. Cheaper than the template's own, which checks what it gives: ours come out of parsed files. */
function pathOf<Name extends StateFileName>(name: Name, params: ParamsOf<Files[Name]>): string {
  const values = params as Readonly<Record<string, string | number>>;
  return stateFiles[name].path.template.replace(/\{(\w+)\}/g, (_, field: string) => String(values[field]));
}

/** What a state file holds, or undefined when it is not there or cannot be read. */
export function valueIn<Name extends StateFileName>(
  tree: Tree,
  name: Name,
  params: ParamsOf<Files[Name]>,
): ValueOf<Files[Name]> | undefined {
  return fileOf(tree, name, params)?.content.value as ValueOf<Files[Name]> | undefined;
}

/** Where the competition stands by state.json, which may be of another era's stage machine. */
export function positionIn(tree: Tree): StagePositionOnRecord | undefined {
  return valueIn(tree, 'state', {}) ?? fileOf(tree, 'state', {})?.content.position;
}

/** A round's files that count for nothing since they are of another era: nothing is derived beside them. */
export function straysOf(tree: Tree, round: number): readonly TreeFile[] {
  return [...tree.ofRound(round)].flatMap((path) => {
    const file = tree.at(path);
    return file?.content.stray === undefined ? [] : [file];
  });
}

/** The digest of a match's report. */
export function reportOf(tree: Tree, round: number, left: Side, right: Hotkey): ReportDigest | undefined {
  return fileOf(tree, 'matchReport', { round, side: right, left: shortName(left) })?.content.digest;
}

/** The state file that holds a side's files: what the leader's container made, or what a miner submitted. */
export function sideFile(tree: Tree, round: number, side: Side): TreeFile | undefined {
  for (const path of sidePaths(round, side)) {
    const file = tree.at(path);
    if (file !== undefined && file.content.stray === undefined) return file;
  }
  return undefined;
}

/** A side's files; none where it has no file at all; undefined where what it has cannot be read. */
export function generationsOf(tree: Tree, round: number, side: Side): Generations | undefined {
  const file = sideFile(tree, round, side);
  return file === undefined ? {} : (file.content.value as Generations | undefined);
}

/** Whether a side has a file to play with; undefined where what it has cannot be read. */
export function delivered(tree: Tree, round: number, side: Side): boolean | undefined {
  const file = sideFile(tree, round, side);
  return file === undefined ? false : file.content.delivers;
}

/** The same as the rules of forced outcomes take them. */
export function sideFilesOf(tree: Tree, round: number, side: Side): SideFiles | undefined {
  const files = generationsOf(tree, round, side);
  return files === undefined ? undefined : new Map(Object.entries(files) as [Stem, GenerationResult][]);
}

/** A name for everything in a side's files that a judge sees or that decides without one. */
export function inputsOf(content: FileContent): string | undefined {
  if (content.inputs === undefined && content.value !== undefined) {
    const hash = createHash('sha1');
    for (const [stem, { glb, png, size, generation_time }] of Object.entries(content.value as Generations)) {
      hash.update(`${stem}\n${glb}\n${png}\n${size}\n${generation_time}\n`);
    }
    content.inputs = hash.digest('hex');
  }
  return content.inputs;
}

/** What {@link inputsOf} is of a side that has no file at all. */
export const NO_INPUTS = 'none';

/** The tree of the commit that the replay stands at. */
export class ReplayedTree implements Tree {
  readonly #files = new Map<string, TreeFile>();
  readonly #byRound = new Map<number, Set<string>>();

  at(path: string): TreeFile | undefined {
    return this.#files.get(path);
  }

  paths(): Iterable<string> {
    return this.#files.keys();
  }

  ofRound(round: number): Iterable<string> {
    return this.#byRound.get(round) ?? [];
  }

  rounds(): readonly number[] {
    return [...this.#byRound.keys()].sort((a, b) => a - b);
  }

  set(file: TreeFile): void {
    this.#files.set(file.path, file);
    const { round } = file.known.params;
    if (round === undefined) return;
    const paths = this.#byRound.get(round) ?? new Set();
    this.#byRound.set(round, paths.add(file.path));
  }

  delete(path: string): void {
    const round = this.#files.get(path)?.known.params.round;
    this.#files.delete(path);
    if (round === undefined) return;
    const paths = this.#byRound.get(round);
    paths?.delete(path);
    if (paths?.size === 0) this.#byRound.delete(round);
  }
}

/** A tree as it was before a commit's changes. */
export class ParentTree implements Tree {
  constructor(
    readonly after: Tree,
    readonly before: ReadonlyMap<string, TreeFile | undefined>,
  ) {}

  at(path: string): TreeFile | undefined {
    return this.before.has(path) ? this.before.get(path) : this.after.at(path);
  }

  *paths(): Iterable<string> {
    for (const path of this.after.paths()) if (!this.before.has(path)) yield path;
    for (const [path, file] of this.before) if (file !== undefined) yield path;
  }

  *ofRound(round: number): Iterable<string> {
    for (const path of this.after.ofRound(round)) if (!this.before.has(path)) yield path;
    for (const [path, file] of this.before) if (file?.known.params.round === round) yield path;
  }
}

/** The stems of prompts, in the order of the file; kept as long as the file's value is. */
const STEMS = new WeakMap<readonly string[], readonly Stem[]>();

/** The stems of a round's prompts. */
export function stemsOf(prompts: readonly string[]): readonly Stem[] {
  const known = STEMS.get(prompts);
  if (known !== undefined) return known;
  const stems = prompts.map(stemOf);
  STEMS.set(prompts, stems);
  return stems;
}
