import type { CommitId, Severity } from '@tiltyard/schema';
import type { Finding, RuleTally } from './interfaces.js';
import type { Fault, Rule, Tell } from './rules/rule.js';

/** The most findings of one severity, and of one rule's in it, that are kept one by one; the others are only counted. */
const MOST_KEPT = 100_000;
const MOST_OF_RULE = 10_000;
const MOST_CHARACTERS = 1000;

/** What a finding is about when its rule names neither path nor round. */
export interface FindingPlace {
  /** How many commits there were before it: findings are told in the order of the history. */
  readonly index: number;
  readonly commit: CommitId;
  readonly round: number | null;
  /** Whether it is of the commits that were asked for: what rules find at others is passed over. */
  readonly isAskedFor: boolean;
}

/**
 * Collects what rules tell, and counts it. Rules look at the whole history, whatever is asked for: a part of what an audit
 * finds is a part, and nothing else than the whole has.
 */
export class FindingLog {
  readonly #kept: { readonly index: number; readonly finding: Finding }[] = [];
  readonly #keptOf = new Map<string, number>();
  readonly #tallies = new Map<string, { checked: number; error: number; warn: number; info: number }>();

  /** @param rounds - Findings of other rounds are not kept; undefined keeps all. */
  constructor(
    rules: readonly string[],
    readonly rounds: ReadonlySet<number> | undefined,
  ) {
    for (const id of rules) this.#tallies.set(id, { checked: 0, error: 0, warn: 0, info: 0 });
  }

  /** How a rule tells of what it found at a commit. */
  tellFor(rule: Pick<Rule, 'id' | 'severity'>, place: FindingPlace): Tell {
    return {
      looked: (facts = 1, round: number | null = place.round) => {
        const tally = this.#tallies.get(rule.id);
        if (tally !== undefined && this.#isAskedFor(place, round)) tally.checked += facts;
      },
      fault: (fault) => this.#add(rule, place, fault),
    };
  }

  /** In the order of the history. */
  get findings(): readonly Finding[] {
    return this.#kept.toSorted((a, b) => a.index - b.index).map(({ finding }) => finding);
  }

  get tallies(): Readonly<Record<string, RuleTally>> {
    return Object.fromEntries(this.#tallies);
  }

  get hasErrors(): boolean {
    return [...this.#tallies.values()].some(({ error }) => error > 0);
  }

  #add(rule: Pick<Rule, 'id' | 'severity'>, place: FindingPlace, fault: Fault): void {
    const path = fault.path ?? null;
    const round = fault.round === undefined ? (roundIn(path) ?? place.round) : fault.round;
    if (!this.#isAskedFor(place, round)) return;
    const severity = fault.severity ?? rule.severity;
    const tally = this.#tallies.get(rule.id);
    if (tally !== undefined) tally[severity] += 1;
    if (!this.#hasRoom(rule.id, severity)) return;
    const detail = printable(fault.detail.slice(0, MOST_CHARACTERS));
    const finding = { rule: rule.id, severity, commit: place.commit, path, round, detail };
    this.#kept.push({ index: place.index, finding });
  }

  /** What belongs to no round, such as a rewritten history, concerns all of them. */
  #isAskedFor({ isAskedFor }: FindingPlace, round: number | null): boolean {
    return isAskedFor && (this.rounds === undefined || round === null || this.rounds.has(round));
  }

  /** Whether one more is kept. What somebody piles up of one kind takes no room away from what matters more. */
  #hasRoom(rule: string, severity: Severity): boolean {
    const [ofAll, ofRule] = [this.#keptOf.get(severity) ?? 0, this.#keptOf.get(`${severity} ${rule}`) ?? 0];
    if (ofAll >= MOST_KEPT || ofRule >= MOST_OF_RULE) return false;
    this.#keptOf.set(severity, ofAll + 1);
    this.#keptOf.set(`${severity} ${rule}`, ofRule + 1);
    return true;
  }
}

function roundIn(path: string | null): number | undefined {
  const round = /^rounds\/(\d+)\//.exec(path ?? '')?.[1];
  return round === undefined ? undefined : Number(round);
}

/** What others wrote may hold line breaks and a terminal's control characters: neither gets into a finding. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
}
