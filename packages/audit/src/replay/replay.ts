import { ObjectStream } from '@tiltyard/git';
import type { AllowedSigner } from '@tiltyard/schema';
import { type AuditedCompetition, type CompetitionRecord, legacyOf } from '../audited-competition.js';
import type { HistoryCommit } from '../git/history-stream.js';
import { READING } from '../git/run-git.js';
import type { Dialect } from '../interfaces.js';
import type { LegacyReading } from '../legacy.js';
import { authorshipOf } from './authorship.js';
import type { CommitView } from './commit-view.js';
import type { FileChange } from './file-change.js';
import { type Reading, readContent } from './read-file.js';
import { type FileContent, ParentTree, ReplayedTree, type TreeFile } from './tree.js';
import { signersAfter } from './trusted-signers.js';

/** How many rounds before the current one keep their large files. */
const ROUNDS_HELD = 1;

/**
 * Replays a history commit by commit, and holds as much of the tree as rules may look at: of files that are read once
 * digests, of rounds that are over no large files. What was let go and is needed after all, because somebody changed a
 * round that was over, is read again. So memory does not grow with the length of the history, small digests aside.
 */
export class Replay<Story> implements AsyncDisposable {
  readonly tree = new ReplayedTree();
  readonly record: CompetitionRecord<Story>;
  readonly #by: Reading;
  readonly #legacy: LegacyReading | undefined;
  readonly #letGo = new Set<number>();
  #again: ObjectStream | undefined;
  #started = false;
  #trailersSeen = false;
  #parentAtMs: number | undefined;
  #signers: readonly AllowedSigner[] = [];

  constructor(
    readonly competition: AuditedCompetition<Story>,
    readonly dialect: Dialect,
    readonly from: { readonly dir: string; readonly limitBytes: number; readonly signal?: AbortSignal | undefined },
  ) {
    const legacy = legacyOf(competition, dialect);
    this.#by = { competition, legacy };
    this.#legacy = legacy?.open();
    this.record = competition.openRecord();
  }

  /** Takes the next commit in. The view holds until the next step or {@link release}. */
  async step({ changes: raw, others, ...commit }: HistoryCommit): Promise<CommitView> {
    for (const { known } of raw)
      if (this.#letGo.has(known.params.round ?? -1)) await this.#bringBack(known.params.round ?? -1);

    this.#legacy?.deleted(raw, this.tree);
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
                { path, known, content: readContent(known, path, isFile ? content : undefined, this.#by) },
                commit.id,
              ),
            };
      changes.push({ path, known, before, after });
    }
    const { competition, dialect, tree } = this;
    const legacy = this.#legacy;
    const bearsMarks = competition.bearsMarks(tree);
    const trailersSeen = this.#trailersSeen || bearsMarks;
    const author = authorshipOf(commit.message, { competition, legacy, changes, trailersSeen });
    this.#trailersSeen ||= author.trailer !== undefined;
    this.#started ||= author.by === 'service';
    const parent = new ParentTree(this.tree, new Map(changes.map(({ path, before }) => [path, before])));
    for (const { path, after } of changes) {
      if (after === undefined) this.tree.delete(path);
      else this.tree.set(after);
    }
    for (const { after } of changes) if (after !== undefined) this.record.digest(after, tree, commit.id);
    const view: CommitView = {
      competition,
      commit,
      dialect,
      legacy,
      author,
      started: this.#started,
      isRunning: this.#started || (legacy === undefined && bearsMarks),
      changes,
      others,
      parentAtMs: this.#parentAtMs,
      signers: this.#signers,
      parent,
      tree,
      standing: competition.standingIn(parent),
    };
    this.record.begin(view);
    this.#parentAtMs = commit.committedAtMs;
    this.#signers = signersAfter(this.#signers, commit, changes, tree);
    return view;
  }

  /** Lets go of what the rules have looked at and no later one needs. */
  release({ changes }: CommitView): void {
    for (const { before, after } of changes) {
      for (const file of [before, after]) {
        if (file !== undefined && this.competition.readOnce.has(file.known.name)) file.content.value = undefined;
      }
    }
    const { mainFile } = this.competition;
    const current = this.competition.standingIn(this.tree).round;
    if (current === undefined) return;
    const isOver = (round: number) => round < current - ROUNDS_HELD && !this.#letGo.has(round);
    if (!changes.some(({ known }) => known.name === mainFile || isOver(known.params.round ?? current))) return;
    for (const round of this.tree.rounds()) if (isOver(round)) this.#drop(round);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#again?.[Symbol.asyncDispose]();
  }

  /** A file's content, which counts for nothing where it is of another era: of a round's files nothing is read then. */
  #inItsEra(file: Pick<TreeFile, 'path' | 'known' | 'content'>, commit: HistoryCommit['id']): FileContent {
    const stray = this.#legacy?.stray(file, this.tree, commit);
    if (stray === undefined) return file.content;
    if (file.known.params.round === undefined) return { ...file.content, stray };
    return { ...file.content, stray, value: undefined, problem: { kind: 'other_era', detail: stray } };
  }

  #drop(round: number): void {
    for (const path of this.tree.ofRound(round)) {
      const file = this.tree.at(path);
      if (file !== undefined && this.competition.large.has(file.known.name)) file.content.value = undefined;
    }
    this.#letGo.add(round);
    this.record.letGo(round);
  }

  async #bringBack(round: number): Promise<void> {
    this.#letGo.delete(round);
    for (const path of this.tree.ofRound(round)) {
      const file = this.tree.at(path);
      if (file !== undefined && this.competition.large.has(file.known.name)) await this.#reread(file);
    }
  }

  /** Reads a file's value again where it was let go. */
  async #reread({ known, path, blob, content }: TreeFile): Promise<void> {
    // Against what a report was before nothing is held.
    const isHeld = this.competition.large.has(known.name) || known.file.change.kind !== 'report';
    if (content.value !== undefined || content.problem !== undefined || !isHeld) return;
    const { dir, ...limits } = this.from;
    this.#again ??= new ObjectStream(dir, { env: READING, ...limits });
    this.#again.ask(blob);
    const read: FileContent = readContent(known, path, await this.#again.read(), this.#by);
    content.value = read.value;
  }
}
