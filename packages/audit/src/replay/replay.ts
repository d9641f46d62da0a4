import { ObjectStream } from '@tiltyard/git';
import { scoreOf } from '@tiltyard/rules/gen3d';
import type { AllowedSigner } from '@tiltyard/schema';
import type { Generations, MatchReport, PodStats, Stem } from '@tiltyard/schema/gen3d';
import type { AuditedPath, AuditReport, ChainReport } from '../gen3d/legacy/era-files.js';
import { EraOrder, tellsRound } from '../gen3d/legacy/era-order.js';
import { digestReport } from '../gen3d/round/report-digest.js';
import type { HistoryCommit } from '../git/history-stream.js';
import { READING } from '../git/run-git.js';
import type { Dialect } from '../interfaces.js';
import { authorshipOf } from './authorship.js';
import { bearsOurMarks, type CommitTimes, type CommitView, type FileChange } from './commit-view.js';
import { readContent } from './read-file.js';
import {
  type FileContent,
  inputsOf,
  NO_INPUTS,
  ParentTree,
  positionIn,
  ReplayedTree,
  sideFile,
  type TreeFile,
  valueIn,
} from './tree.js';
import { signersAfter } from './trusted-signers.js';

/** Files that are large and that only their own round needs. */
const LARGE: ReadonlySet<AuditedPath['name']> = new Set(['submitted', 'generated']);
/** Files of which later rules need a digest at most. */
const READ_ONCE: ReadonlySet<AuditedPath['name']> = new Set(['matchReport', 'auditReport', 'chainReport', 'podStats']);
const NO_TIMES: CommitTimes = {
  parentAtMs: undefined,
  openedAtMs: undefined,
  poolChange: undefined,
  closedAtMs: undefined,
  startsAtMs: undefined,
};
/** How many rounds before the current one keep their large files. */
const ROUNDS_HELD = 1;

/**
 * Replays a history commit by commit, and holds as much of the tree as rules may look at: of match reports digests, of
 * rounds that are over no results. What was let go and is needed after all, because somebody changed a round that was
 * over, is read again. So memory does not grow with the length of the history, small digests aside.
 */
export class Replay implements AsyncDisposable {
  readonly tree = new ReplayedTree();
  readonly #namesOfRound = new Map<number, readonly Stem[]>();
  readonly #letGo = new Set<number>();
  #again: ObjectStream | undefined;
  readonly #eras = new EraOrder();
  #started = false;
  #trailersSeen = false;
  #times: CommitTimes = NO_TIMES;
  #signers: readonly AllowedSigner[] = [];

  constructor(
    readonly dir: string,
    readonly dialect: Dialect,
    readonly limitBytes: number,
    readonly signal?: AbortSignal,
  ) {}

  /** Takes the next commit in. The view holds until the next step or {@link release}. */
  async step({ changes: raw, others, ...commit }: HistoryCommit): Promise<CommitView> {
    for (const { known } of raw)
      if (this.#letGo.has(known.params.round ?? -1)) await this.#bringBack(known.params.round ?? -1);

    this.#forgetDeleted(raw);
    const changes: FileChange[] = [];
    for (const { path, known, newBlob, content, isFile, mayBeSame } of raw) {
      const before = this.tree.at(path);
      if (mayBeSame === true && before?.blob === newBlob) continue;
      if (before !== undefined && newBlob !== null) await this.#reread(before);
      const after: TreeFile | undefined =
        newBlob === null
          ? undefined
          : {
              path,
              known,
              blob: newBlob,
              firstAtMs: before?.firstAtMs ?? commit.committedAtMs,
              writtenAtMs: commit.committedAtMs,
              content: this.#inItsEra(
                { path, known, content: readContent(known, path, isFile ? content : undefined, this.dialect) },
                commit.id,
              ),
            };
      changes.push({ path, known, before, after });
    }
    const judgeAudits = changes.some(
      ({ known, after }) =>
        known.name === 'generationAudits' &&
        after?.content.format?.era === 'scripts' &&
        after.content.stray === undefined,
    );
    const trailersSeen = this.#trailersSeen || bearsOurMarks(this.tree);
    const author = authorshipOf(commit.message, this.dialect, {
      trailersSeen,
      judgeAudits,
      isOver: (era) => this.#eras.isOver(era),
    });
    this.#trailersSeen ||= author.trailer !== undefined;
    this.#started ||= author.by === 'service';
    const parent = new ParentTree(this.tree, new Map(changes.map(({ path, before }) => [path, before])));
    for (const { path, after } of changes) {
      if (after === undefined) this.tree.delete(path);
      else this.tree.set(after);
    }
    for (const { after } of changes) {
      if (after?.known.name === 'matchReport') this.#digest(after, commit.id);
      if (after?.known.name === 'auditReport') digestAudit(after.content);
      if (after?.known.name === 'chainReport') digestChain(after.content);
      if (after?.known.name === 'podStats') countPods(after.content);
      if (after !== undefined && LARGE.has(after.known.name)) noteDelivery(after.content);
    }
    const { tree, dialect } = this;
    const before = { times: this.#times, signers: this.#signers };
    const view = { commit, dialect, author, started: this.#started, changes, others, ...before, parent, tree };
    this.#times = timesAfter(view);
    this.#signers = signersAfter(this.#signers, commit, changes, tree);
    return view;
  }

  /** Lets go of what the rules have looked at and no later one needs. */
  release({ changes }: CommitView): void {
    for (const { before, after } of changes) {
      for (const file of [before, after]) {
        if (file !== undefined && READ_ONCE.has(file.known.name)) file.content.value = undefined;
      }
    }
    const current = valueIn(this.tree, 'state', {})?.current_round;
    if (current === undefined) return;
    const isOver = (round: number) => round < current - ROUNDS_HELD && !this.#letGo.has(round);
    if (!changes.some(({ known }) => known.name === 'state' || isOver(known.params.round ?? current))) return;
    for (const round of this.tree.rounds()) if (isOver(round)) this.#drop(round);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#again?.[Symbol.asyncDispose]();
  }

  /** Whoever begins anew gives a deleted round's number to another one, in the same commit perhaps. */
  #forgetDeleted(raw: HistoryCommit['changes']): void {
    const deleted = new Map(raw.flatMap(({ path, known, newBlob }) => (newBlob === null ? [[path, known]] : [])));
    for (const round of new Set([...deleted.values()].flatMap(({ params }) => params.round ?? []))) {
      const left = [...this.tree.ofRound(round)].filter((path) => !deleted.has(path));
      if (!left.some((path) => tellsRound(this.tree.at(path)?.known.name))) this.#eras.forget(round);
    }
  }

  /** A file's content, which counts for nothing where it is of another era: of a round's files nothing is read then. */
  #inItsEra(file: Pick<TreeFile, 'path' | 'known' | 'content'>, commit: HistoryCommit['id']): FileContent {
    if (this.dialect === 'ours') return file.content;
    const currentRound = positionIn(this.tree)?.current_round;
    const stray = this.#eras.take(file, { commit, currentRound });
    if (stray === undefined) return file.content;
    if (file.known.params.round === undefined) return { ...file.content, stray };
    return { ...file.content, stray, value: undefined, problem: { kind: 'other_era', detail: stray } };
  }

  #digest({ known, content }: TreeFile, commit: HistoryCommit['id']): void {
    const report = content.value as MatchReport | undefined;
    const { round } = known.params;
    if (report === undefined || round === undefined) return;
    const inputs = (side: MatchReport['left']) => {
      const file = sideFile(this.tree, round, side);
      return file === undefined ? NO_INPUTS : inputsOf(file.content);
    };
    const facts = { inputs: { left: inputs(report.left), right: inputs(report.right) }, commit };
    content.digest = digestReport(report, facts, this.#namesOfRound.get(round));
    this.#namesOfRound.set(round, content.digest.names);
  }

  #drop(round: number): void {
    for (const path of this.tree.ofRound(round)) {
      const file = this.tree.at(path);
      if (file !== undefined && LARGE.has(file.known.name)) file.content.value = undefined;
    }
    this.#letGo.add(round);
    this.#namesOfRound.delete(round);
  }

  async #bringBack(round: number): Promise<void> {
    this.#letGo.delete(round);
    for (const path of this.tree.ofRound(round)) {
      const file = this.tree.at(path);
      if (file !== undefined && LARGE.has(file.known.name)) await this.#reread(file);
    }
  }

  /** Reads a file's value again where it was let go. */
  async #reread({ known, path, blob, content }: TreeFile): Promise<void> {
    if (content.value !== undefined || content.problem !== undefined || known.name === 'podStats') return;
    this.#again ??= new ObjectStream(this.dir, { env: READING, limitBytes: this.limitBytes, signal: this.signal });
    this.#again.ask(blob);
    const read: FileContent = readContent(known, path, await this.#again.read(), this.dialect);
    content.value = read.value;
  }
}

function digestAudit(content: FileContent): void {
  const report = content.value as AuditReport | undefined;
  if (report === undefined) return;
  content.audit = { left: report.left, margin: report.margin, due: scoreOf(report.duels).margin };
}

function digestChain(content: FileContent): void {
  const report = content.value as ChainReport | undefined;
  if (report !== undefined) content.chain = { leader: report.leader, margin: report.margin };
}

/** A round is opened by the commit that raises the current round. */
function timesAfter({ commit, changes, parent, tree, times: before }: CommitView): CommitTimes {
  const parentAtMs = commit.committedAtMs;
  const isPool = changes.some(({ known }) => known.name === 'promptPool');
  const times = isPool ? { ...before, poolChange: { commit: commit.id, atMs: parentAtMs } } : before;
  const [was, after] = [valueIn(parent, 'state', {}), valueIn(tree, 'state', {})];
  if (after === undefined || after.current_round === was?.current_round) {
    const isClosed = was?.stage === 'open' && after?.stage !== 'open' && after?.stage !== 'paused';
    return { ...times, parentAtMs, ...(isClosed ? { closedAtMs: parentAtMs } : {}) };
  }
  const startsAtMs = after.next_stage_eta === null ? undefined : Date.parse(after.next_stage_eta);
  return { parentAtMs, openedAtMs: parentAtMs, poolChange: undefined, closedAtMs: undefined, startsAtMs };
}

function noteDelivery(content: FileContent): void {
  const files = content.value as Generations | undefined;
  if (files !== undefined) content.delivers = Object.values(files).some(({ glb }) => glb !== null);
}

function countPods(content: FileContent): void {
  const stats = content.value as PodStats | undefined;
  if (stats !== undefined) content.pods = Object.keys(stats).length;
}
