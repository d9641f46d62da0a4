import { scoreOf } from '@tiltyard/rules/gen3d';
import { type CommitId, MAX_ROWS } from '@tiltyard/schema';
import type { Generations, MatchReport, PodStats, Stem } from '@tiltyard/schema/gen3d';
import type { CompetitionRecord } from '../audited-competition.js';
import type { CommitView } from '../replay/commit-view.js';
import type { FileContent, ReplayedTree, Tree, TreeFile } from '../replay/tree.js';
import { CommitClock } from './commit-times.js';
import type { AuditedName, AuditReport, ChainReport } from './legacy/era-files.js';
import { digestReport } from './round/report-digest.js';
import { RoundBook } from './story/round-book.js';
import type { RoundStory } from './story/round-story.js';
import { inputsOf, type Kept, keptOf, NO_INPUTS, sideFile } from './tree.js';

/** Files that are large and that only their own round needs. */
export const LARGE: ReadonlySet<string> = new Set<AuditedName>(['submitted', 'generated']);
/** Files of which later rules need a digest at most. */
export const READ_ONCE: ReadonlySet<string> = new Set<AuditedName>([
  'matchReport',
  'auditReport',
  'chainReport',
  'podStats',
]);

/** What a replay keeps of the 3D competition: digests of files, what commits say of time, each round's story. */
export class HistoryRecord implements CompetitionRecord<RoundStory> {
  readonly #namesOfRound = new Map<number, readonly Stem[]>();
  readonly #clock = new CommitClock();
  readonly #book = new RoundBook();

  digest(file: TreeFile, tree: Tree, commit: CommitId): void {
    const { known, content } = file;
    if (known.name === 'matchReport') this.#digestReport(file, tree, commit);
    if (known.name === 'auditReport') digestAudit(content);
    if (known.name === 'chainReport') digestChain(content);
    if (known.name === 'podStats') countPods(content);
    if (LARGE.has(known.name)) noteDelivery(content);
  }

  letGo(round: number): void {
    this.#namesOfRound.delete(round);
  }

  begin(at: CommitView): void {
    this.#clock.take(at);
  }

  end(at: CommitView): void {
    this.#book.take(at);
  }

  close(tree: ReplayedTree, rounds: ReadonlySet<number> | undefined): ReturnType<RoundBook['close']> {
    return this.#book.close(tree, rounds);
  }

  #digestReport({ known, content }: TreeFile, tree: Tree, commit: CommitId): void {
    const report = content.value as MatchReport | undefined;
    const { round } = known.params;
    if (report === undefined || round === undefined) return;
    const inputs = (side: MatchReport['left']) => {
      const file = sideFile(tree, round, side);
      return file === undefined ? NO_INPUTS : inputsOf(file.content);
    };
    const facts = { inputs: { left: inputs(report.left), right: inputs(report.right) }, commit };
    const digest = digestReport(report, facts, this.#namesOfRound.get(round));
    keptOf(content).digest = digest;
    this.#namesOfRound.set(round, digest.names);
  }
}

/** Rows of a matrix are compared as text too. */
export function keptOfText(name: string, text: string): Kept | undefined {
  return name === 'matchMatrix' ? { rows: rowsOf(text) } : undefined;
}

function digestAudit(content: FileContent): void {
  const report = content.value as AuditReport | undefined;
  if (report === undefined) return;
  keptOf(content).audit = { left: report.left, margin: report.margin, due: scoreOf(report.duels).margin };
}

function digestChain(content: FileContent): void {
  const report = content.value as ChainReport | undefined;
  if (report !== undefined) keptOf(content).chain = { leader: report.leader, margin: report.margin };
}

function noteDelivery(content: FileContent): void {
  const files = content.value as Generations | undefined;
  if (files !== undefined) keptOf(content).delivers = Object.values(files).some(({ glb }) => glb !== null);
}

function countPods(content: FileContent): void {
  const stats = content.value as PodStats | undefined;
  if (stats !== undefined) keptOf(content).pods = Object.keys(stats).length;
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
