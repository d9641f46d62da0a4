import type { CommitId } from '@tiltyard/schema';
import type { GenerationAudits, MatchReport } from '@tiltyard/schema/gen3d';
import type { OtherContent } from '../../other-format.js';
import type { TreeFile } from '../../replay/tree.js';
import { type AuditedName, pathEra } from './era-files.js';
import { ERAS } from './other-format.js';

/** The eras by whose rules rounds are decided, the oldest first. The present formats are those of meshes. */
const ORDER = ['splats', 'meshes', 'scripts'] as const;
export type RoundEra = (typeof ORDER)[number];

/** A state file as it was read, whatever its era. */
export type ReadFile = Pick<TreeFile, 'path' | 'known' | 'content'>;

/** Where the history stands when a file is written. */
export interface EraPlace {
  readonly commit: CommitId;
  /** What state.json says at the parent; undefined where it says nothing. */
  readonly currentRound: number | undefined;
}

interface Seen {
  readonly era: RoundEra;
  readonly round: number | undefined;
  readonly commit: CommitId;
}

/** What is of one era in every round of it. The first of these that a round gets says which era it is of. */
const OF_ROUND: ReadonlySet<string> = new Set<AuditedName>([
  'submitted',
  'generated',
  'matchReport',
  'chainReport',
  'generationReports',
  'auditMatrix',
  'auditReport',
]);

/** Whether a kind of file says which era its round is of. */
export function tellsRound(name: string | undefined): boolean {
  return name !== undefined && OF_ROUND.has(name);
}

/** Of other formats, what they relax holds for rounds of their era. */
const OTHERS_OF_ROUND: ReadonlySet<string> = new Set<AuditedName>(['submissions', 'auditRequests', 'generationAudits']);
/** Kinds of files that other eras wrote in formats of their own. */
const TOLD_APART: ReadonlySet<string> = new Set<AuditedName>([
  'config',
  'state',
  'leader',
  'submissions',
  'builds',
  'submitted',
  'generated',
  'auditRequests',
  'winner',
]);
const WITHOUT_ORDER: ReadonlySet<string> = new Set(['splat-state', 'script-pods']);

/** Whether it matters when a file of another format is written: nothing follows from what some leave out. */
export function hasOrder({ id }: OtherContent): boolean {
  return !WITHOUT_ORDER.has(id);
}

/**
 * Tells, over a whole history, which files are of an era that is not theirs. A file counts in its era only: else whoever
 * writes into the repository could choose, round by round, by which competition's rules it is decided.
 *
 * Formats go one way for every kind of file, and the files that decide a round are of one era.
 */
export class EraOrder {
  readonly #rounds = new Map<number, Seen>();
  readonly #kinds = new Map<string, Seen>();
  #newest: Seen | undefined;

  /** Whether rounds of a later era than this one have been seen. */
  isOver(era: string): boolean {
    return this.#newest !== undefined && isOrdered(era) && isOlder(era, this.#newest.era);
  }

  /** Forgets a round whose results and reports are all deleted: its number may be another round's from then on. */
  forget(round: number): void {
    this.#rounds.delete(round);
  }

  /** Takes a file in. @returns why it counts for nothing; undefined for a file that is in its era. */
  take(file: ReadFile, at: EraPlace): string | undefined {
    const [inPath, inContent] = [pathEra(file.path), contentEra(file)];
    if (inPath !== undefined && inContent !== undefined && inPath !== inContent) {
      return `lies where files of the ${ERAS[inPath]} do, and is of the ${ERAS[inContent]}`;
    }
    const era = inContent ?? inPath;
    if (era === undefined) return undefined;
    return this.#roundFault(file, era, at) ?? this.#kindFault(file, era, at);
  }

  #roundFault({ known, content }: ReadFile, era: RoundEra, { commit, currentRound }: EraPlace): string | undefined {
    const { round } = known.params;
    if (round === undefined) return undefined;
    const isOther = content.format !== undefined;
    const tells = tellsRound(known.name) || (isOther && OTHERS_OF_ROUND.has(known.name));
    const ofRound = this.#rounds.get(round);
    if (ofRound !== undefined) {
      const isAgainst = tells || contradicts(known.name, era, ofRound.era);
      if (!isAgainst || ofRound.era === era) return undefined;
      return `is of the ${ERAS[era]}, and the round is one of the ${ERAS[ofRound.era]} (${ofRound.commit.slice(0, 7)})`;
    }
    if (!tells) return undefined;
    if (this.#newest !== undefined && isOlder(era, this.#newest.era)) return comesBack(era, this.#newest);
    const seen = { era, round, commit };
    this.#rounds.set(round, seen);
    // What people put into rounds that are not under way is of no time.
    if (round === currentRound && this.#newest?.era !== era) this.#newest = seen;
    return undefined;
  }

  #kindFault({ known, content }: ReadFile, era: RoundEra, { commit, currentRound }: EraPlace): string | undefined {
    if (content.format !== undefined && !hasOrder(content.format)) return undefined;
    const newest = this.#kinds.get(known.name);
    const round = known.params.round ?? currentRound;
    if (newest === undefined || isOlder(newest.era, era)) {
      if (round === currentRound) this.#kinds.set(known.name, { era, round, commit });
      return undefined;
    }
    // Services that share a file are brought up to date one after another.
    const isChanging = known.params.round === undefined && round === newest.round;
    return isOlder(era, newest.era) && !isChanging ? comesBack(era, newest) : undefined;
  }
}

function comesBack(era: RoundEra, newest: Seen): string {
  return `is of a format that was left behind (${ERAS[era]}): ${newest.commit.slice(0, 7)} has that of the ${ERAS[newest.era]}`;
}

/** Files of the present formats that cannot be of a round of another era, though they say nothing of a round's by themselves. */
function contradicts(name: string, era: RoundEra, ofRound: RoundEra): boolean {
  if (era !== 'meshes') return false;
  return (name === 'submissions' && ofRound === 'splats') || (name === 'generationAudits' && ofRound === 'scripts');
}

/** The era of what a file holds; undefined for one that every era writes alike, and for one that cannot be read. */
function contentEra({ known: { name }, content: { value, problem, format } }: ReadFile): RoundEra | undefined {
  if (name === 'auditMatrix' && isEmpty(value)) return undefined;
  if (format !== undefined) return isOrdered(format.era) ? format.era : undefined;
  return problem === undefined && tellsPresent(name, value) ? 'meshes' : undefined;
}

/** Whether a file of the present formats holds what tells these from others: an empty map or list is of any era. */
function tellsPresent(name: string, value: unknown): boolean {
  if (name === 'matchReport') return !isEmpty((value as MatchReport).duels);
  if (name === 'generationAudits')
    return Object.values(value as GenerationAudits).some(({ outcome }) => outcome !== 'pending');
  return TOLD_APART.has(name) && !isEmpty(value);
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function isOrdered(era: string): era is RoundEra {
  return (ORDER as readonly string[]).includes(era);
}

function isOlder(era: RoundEra, than: RoundEra): boolean {
  return ORDER.indexOf(era) < ORDER.indexOf(than);
}
