import { counted } from '@tiltyard/schema';
import type { AuditedCompetition } from '../audited-competition.js';
import type { FindingPlace } from '../finding-log.js';
import { MACHINERY } from '../git/machinery.js';
import type { OtherFormat } from '../other-format.js';
import type { Tell } from '../rules/rule.js';
import type { CommitView } from './commit-view.js';

/** The most paths that are counted of one format; what is more is told as "more than". */
const MOST_PATHS = 100_000;

interface Note {
  readonly format: OtherFormat;
  /** Where it was first seen. */
  readonly place: FindingPlace;
  readonly path: string | null;
  /** State files by their paths; of other files one number each. */
  readonly paths: Set<string>;
  /** How often a file was written or deleted; of lines, how many there are. */
  versions: number;
  /** The rounds that it was seen in; undefined stands for outside of any. */
  readonly rounds: Set<number | undefined>;
}

/**
 * Gathers what is of other formats than the table's: contents of state files, files beside them, lines of messages. Each
 * format is told once, where it was first seen, however many files there are of it.
 */
export class FormatNotes {
  readonly #notes = new Map<string, Note>();

  constructor(readonly eras: AuditedCompetition['eras']) {}

  take(at: CommitView, place: FindingPlace): void {
    for (const { path, after } of at.changes) {
      const format = after?.content.format;
      if (format === undefined || after === undefined) continue;
      this.#note(format, place, { path, round: after.known.params.round, versions: 1 }).paths.add(path);
    }
    for (const { format, path, round, touched, added } of at.others) {
      if (format.id === MACHINERY.id) continue;
      const note = this.#note(format, place, { path, round: round ?? undefined, versions: touched });
      // Their paths are not kept: `added` tells how many there are.
      for (let file = 0; file < added && note.paths.size < MOST_PATHS; file += 1) {
        note.paths.add(`${note.paths.size}`);
      }
    }
    for (const { other } of at.author.lines) {
      if (other !== undefined) this.#note(other.format, place, { path: null, round: other.round, versions: 1 });
    }
  }

  /**
   * Tells what there is, oldest first.
   *
   * @param only - Rounds that are asked for; undefined is all. What is outside any round concerns all.
   */
  tell(tellAt: (place: FindingPlace) => Tell, only: ReadonlySet<number> | undefined): void {
    for (const note of this.#notes.values()) {
      if (only !== undefined && ![...note.rounds].some((round) => round === undefined || only.has(round))) continue;
      const tell = tellAt(note.place);
      tell.looked(note.versions);
      const { format, path } = note;
      tell.fault({
        detail: `${format.what} (${extent(note)}; ${this.eras[format.era]}): ${format.says}`,
        severity: format.isRead ? 'info' : 'warn',
        round: null,
        ...(path === null ? {} : { path }),
      });
    }
  }

  #note(
    format: OtherFormat,
    place: FindingPlace,
    seen: { readonly path: string | null; readonly round: number | undefined; readonly versions: number },
  ): Note {
    let note = this.#notes.get(format.id);
    if (note === undefined) {
      note = { format, place, path: seen.path, paths: new Set(), versions: 0, rounds: new Set() };
      this.#notes.set(format.id, note);
    }
    note.versions += seen.versions;
    note.rounds.add(seen.round);
    return note;
  }
}

function extent({ paths, path, versions, rounds }: Note): string {
  const files = path === null ? counted(versions, 'line') : counted(Math.max(paths.size, 1), 'file');
  const more = path !== null && versions > paths.size ? ` in ${counted(versions, 'version')}` : '';
  return `${files}${more}${extentOf([...rounds].filter((round) => round !== undefined))}`;
}

function extentOf(rounds: readonly number[]): string {
  if (rounds.length === 0) return '';
  const [first, last] = [rounds.reduce((a, b) => Math.min(a, b)), rounds.reduce((a, b) => Math.max(a, b))];
  return first === last ? `, round ${first}` : `, rounds ${first} to ${last}`;
}
