import { counted } from '@tiltyard/schema';
import { AuditError } from './audit-error.js';
import type { AuditReport } from './interfaces.js';
import { type CommitView, roundOf } from './replay/commit-view.js';

/** The most rounds that are named one by one. */
const ROUNDS_NAMED = 12;

/** Keeps count of what there is of the part that is asked for: an audit that looked at nothing has no result. */
export class AskedFor {
  #isAfterSince: boolean;
  #hasState = false;
  #commits = 0;
  #commitsOfRounds = 0;
  readonly #rounds = new Set<number>();

  /** @param mainPath - The file that a history without is no competition's. */
  constructor(
    readonly asked: AuditReport['asked'],
    readonly mainPath: string,
  ) {
    this.#isAfterSince = asked.since === undefined;
  }

  /** How many commits there were in the range that is asked for. */
  get commits(): number {
    return this.#commits;
  }

  /** Takes the next commit in. @returns whether it is in the range. */
  take(at: CommitView): boolean {
    const isInRange = this.#isAfterSince;
    this.#isAfterSince ||= at.commit.id === this.asked.since;
    const rounds = at.changes.flatMap(({ known }) => (known.params.round === undefined ? [] : [known.params.round]));
    for (const round of rounds) this.#rounds.add(round);
    this.#hasState ||= at.changes.some(({ known }) => known.name === at.competition.mainFile);
    if (!isInRange) return false;
    this.#commits += 1;
    const { rounds: only } = this.asked;
    if (only !== undefined && [roundOf(at), ...rounds].some((round) => round !== null && only.includes(round))) {
      this.#commitsOfRounds += 1;
    }
    return true;
  }

  /** @throws AuditError `nothing` when no commit holds what is asked for; `bad_option` for a `since` beside the line. */
  checkRange(): void {
    const { since, rounds } = this.asked;
    if (!this.#hasState) throw nothing(`no commit of this history holds a ${this.mainPath}: it is no competition's`);
    if (!this.#isAfterSince) {
      const detail = 'is on a branch that was merged in, not on the line that is replayed';
      throw new AuditError({ code: 'bad_option', option: 'since', detail });
    }
    const unknown = rounds?.find((round) => !this.#rounds.has(round));
    if (unknown !== undefined)
      throw nothing(`round ${unknown} is not in this history, which has ${this.#roundsNamed()}`);
    if (since !== undefined && this.#commits === 0) {
      throw nothing(`no commit came after ${since.slice(0, 12)}: it is the last one`);
    }
    if (rounds !== undefined && this.#commitsOfRounds === 0) {
      throw nothing(`no commit after ${since?.slice(0, 12)} is of round ${rounds.join(' or ')}`);
    }
  }

  /** @throws AuditError `nothing` when none of the rules that are asked for looked at anything. */
  checkRules(tallies: AuditReport['rules']): void {
    const { rules } = this.asked;
    if (rules === undefined) return;
    const hasLooked = Object.values(tallies).some(
      ({ checked, error, warn, info }) => checked + error + warn + info > 0,
    );
    if (hasLooked) return;
    throw nothing(`${rules.length === 1 ? 'rule' : 'rules'} ${rules.join(', ')} had nothing to look at here`);
  }

  #roundsNamed(): string {
    const rounds = [...this.#rounds].sort((a, b) => a - b);
    if (rounds.length === 0) return 'no rounds';
    if (rounds.length <= ROUNDS_NAMED) return `${rounds.length === 1 ? 'round' : 'rounds'} ${rounds.join(', ')}`;
    return `${counted(rounds.length, 'round')} from ${rounds[0]} to ${rounds.at(-1)}`;
  }
}

function nothing(detail: string): AuditError {
  return new AuditError({ code: 'nothing', detail });
}
