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
import type { FileContent, Tree, TreeFile } from '../replay/tree.js';
import { sidePaths } from './legacy/era-files.js';
import type { ReportDigest } from './round/report-digest.js';

/** What is kept of a file of this competition, once its value is let go. */
export interface Kept {
  /** Rows of the matrix, as text. */
  readonly rows?: readonly string[];
  /** Of a state.json that is of another stage machine: where that says that the competition stands. */
  readonly position?: StagePositionOnRecord | undefined;
  digest?: ReportDigest;
  audit?: AuditDigest;
  chain?: ChainDigest;
  /** How many pods a run had, of its statistics. */
  pods?: number;
  /** Of a side's files: whether there is one to play with. */
  delivers?: boolean;
  inputs?: string;
}

/** What is kept of a file. */
export function keptOf(content: FileContent): Kept {
  content.kept ??= {};
  return content.kept as Kept;
}

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

function keptIn<Name extends StateFileName>(tree: Tree, name: Name, params: ParamsOf<Files[Name]>): Kept {
  return fileOf(tree, name, params)?.content.kept ?? {};
}

/** Where the competition stands by state.json, which may be of another era's stage machine. */
export function positionIn(tree: Tree): StagePositionOnRecord | undefined {
  return valueIn(tree, 'state', {}) ?? keptIn(tree, 'state', {}).position;
}

/** A round's files that count for nothing since they are of another era: nothing is derived beside them. */
export function straysOf(tree: Tree, round: number): readonly TreeFile[] {
  return [...tree.ofRound(round)].flatMap((path) => {
    const file = tree.at(path);
    return file?.content.stray === undefined ? [] : [file];
  });
}

/** The rows of a matrix, as text. */
export function matrixRows(file: TreeFile | undefined): readonly string[] {
  return file === undefined ? [] : (keptOf(file.content).rows ?? []);
}

/** The digest of a match's report. */
export function reportOf(tree: Tree, round: number, left: Side, right: Hotkey): ReportDigest | undefined {
  return keptIn(tree, 'matchReport', { round, side: right, left: shortName(left) }).digest;
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
  return file === undefined ? false : keptOf(file.content).delivers;
}

/** The same as the rules of forced outcomes take them. */
export function sideFilesOf(tree: Tree, round: number, side: Side): SideFiles | undefined {
  const files = generationsOf(tree, round, side);
  return files === undefined ? undefined : new Map(Object.entries(files) as [Stem, GenerationResult][]);
}

/** A name for everything in a side's files that a judge sees or that decides without one. */
export function inputsOf(content: FileContent): string | undefined {
  const kept = keptOf(content);
  if (kept.inputs === undefined && content.value !== undefined) {
    const hash = createHash('sha1');
    for (const [stem, { glb, png, size, generation_time }] of Object.entries(content.value as Generations)) {
      hash.update(`${stem}\n${glb}\n${png}\n${size}\n${generation_time}\n`);
    }
    kept.inputs = hash.digest('hex');
  }
  return kept.inputs;
}

/** What {@link inputsOf} is of a side that has no file at all. */
export const NO_INPUTS = 'none';

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
