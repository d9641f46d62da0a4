import { type BlockNumber, type Hotkey, shortName } from '@tiltyard/schema';
import { type Schedule, Submission, type Submissions } from '@tiltyard/schema/gen3d';

/** One reveal of a hotkey, parsed: the fields that it holds, and the block that it was revealed in. */
export interface RevealedFields {
  readonly block: BlockNumber;
  readonly repo?: string | undefined;
  readonly commit?: string | undefined;
  readonly cdn_url?: string | undefined;
}

const FIELDS = ['repo', 'commit', 'cdn_url'] as const;
type Field = (typeof FIELDS)[number];

/** What submissions follow from: the chain at one finalized block. */
export interface SubmissionFacts {
  /** Every reveal of each hotkey, in any order. */
  readonly reveals: ReadonlyMap<Hotkey, readonly RevealedFields[]>;
  readonly schedule: Pick<Schedule, 'earliest_reveal_block' | 'latest_reveal_block'>;
  /** The block that a hotkey was registered at, or undefined when it is not in the metagraph. */
  readonly registeredAt: (hotkey: Hotkey) => number | undefined;
  /** `NAME-N`. */
  readonly roundName: string;
}

/** Why a hotkey that revealed something in the window takes no part, for its miner to read. */
export type Refusal =
  | { readonly hotkey: Hotkey; readonly code: 'not_registered' }
  | { readonly hotkey: Hotkey; readonly code: 'revealed_before_registration'; readonly registeredAt: number }
  | { readonly hotkey: Hotkey; readonly code: 'missing_field'; readonly fields: readonly Field[] }
  | { readonly hotkey: Hotkey; readonly code: 'invalid_field'; readonly field: string; readonly detail: string }
  /** Its first ten characters are also those of `by`, which was registered before it and takes part. */
  | { readonly hotkey: Hotkey; readonly code: 'short_name_taken'; readonly by: Hotkey };

/** The round's submissions in the order of its matches, and who was refused. */
export interface SelectedSubmissions {
  readonly submissions: readonly { readonly hotkey: Hotkey; readonly submission: Submission }[];
  readonly refused: readonly Refusal[];
}

/**
 * Selects a round's submissions from what was revealed in its window.
 *
 * The latest value of each field counts, and all three are needed. What was revealed before the hotkey's present registration
 * belongs to its earlier holder, and is ignored. Of hotkeys that share a short name one takes part, see
 * {@link sharedShortNames}. The order is by the block of the latest commit, then by hotkey, so that a tie does not depend on
 * how a node lists its storage.
 *
 * @see docs/rules.md#submissions
 */
export function selectSubmissions(facts: SubmissionFacts): SelectedSubmissions {
  const { earliest_reveal_block: earliest, latest_reveal_block: latest } = facts.schedule;
  const valid: { hotkey: Hotkey; submission: Submission }[] = [];
  const refused: Refusal[] = [];
  for (const [hotkey, reveals] of facts.reveals) {
    const inWindow = reveals.filter(({ block }) => block >= earliest && block <= latest);
    if (inWindow.length === 0) continue;
    const result = selectOne(hotkey, inWindow, facts);
    if ('code' in result) refused.push(result);
    else valid.push({ hotkey, submission: result });
  }
  const crowdedOut = new Map<Hotkey, Hotkey>();
  for (const group of sharedShortNames(valid.map(({ hotkey }) => hotkey))) {
    const [first, ...others] = group.toSorted((a, b) => compareRegistrations(a, b, facts));
    for (const other of others) if (first !== undefined) crowdedOut.set(other, first);
  }
  for (const [hotkey, by] of crowdedOut) refused.push({ hotkey, code: 'short_name_taken', by });
  return {
    submissions: valid.filter(({ hotkey }) => !crowdedOut.has(hotkey)).toSorted(compareReveals),
    refused: refused.toSorted((a, b) => compare(a.hotkey, b.hotkey)),
  };
}

/**
 * Finds the hotkeys that share a short name, upper and lower case being the same: none of these groups may be in one round.
 *
 * The names of match reports and images hold only a side's short name, and images' names are in lower case. Two
 * who shared one would overwrite each other's report, and one would be audited with the other's container. No two share a name
 * by chance, but a key can be ground to share a given one. So the hotkey that was registered first keeps the name: the
 * grinder has to see the other's key first, and so comes later. The order of reveals would not do: the grinder can choose it.
 *
 * @returns groups of two and more.
 */
export function sharedShortNames(hotkeys: readonly Hotkey[]): readonly (readonly Hotkey[])[] {
  const groups = new Map<string, Hotkey[]>();
  for (const hotkey of hotkeys) {
    const name = shortName(hotkey).toLowerCase();
    groups.set(name, [...(groups.get(name) ?? []), hotkey]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

/** The hotkeys of submissions.json in the order of their matches: the file's own. */
export function revealOrder(submissions: Submissions): readonly Hotkey[] {
  return Object.keys(submissions) as Hotkey[];
}

function selectOne(hotkey: Hotkey, reveals: readonly RevealedFields[], facts: SubmissionFacts): Submission | Refusal {
  const registeredAt = facts.registeredAt(hotkey);
  if (registeredAt === undefined) return { hotkey, code: 'not_registered' };
  const own = reveals.filter(({ block }) => block >= registeredAt);
  if (own.length === 0) return { hotkey, code: 'revealed_before_registration', registeredAt };

  const inOrder = own.toSorted((a, b) => a.block - b.block);
  const lastWith = (field: Field) => inOrder.findLast((reveal) => reveal[field] !== undefined);
  const fields = FIELDS.filter((field) => lastWith(field) === undefined);
  if (fields.length > 0) return { hotkey, code: 'missing_field', fields };

  const parsed = Submission.safeParse({
    repo: lastWith('repo')?.repo,
    commit: lastWith('commit')?.commit,
    cdn_url: lastWith('cdn_url')?.cdn_url,
    revealed_at_block: lastWith('commit')?.block,
    round: facts.roundName,
  });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  return { hotkey, code: 'invalid_field', field: issue?.path.join('.') ?? '', detail: issue?.message ?? 'invalid' };
}

/**
 * Orders submissions as our submissions.json does: by block of reveal, then by hotkey. The reference orders by block only.
 *
 * @returns negative when `a` comes first.
 */
export function compareReveals(
  a: SelectedSubmissions['submissions'][number],
  b: SelectedSubmissions['submissions'][number],
): number {
  return a.submission.revealed_at_block - b.submission.revealed_at_block || compare(a.hotkey, b.hotkey);
}

/** By the block of the present registration, then by hotkey. Only hotkeys that are registered are compared. */
function compareRegistrations(a: Hotkey, b: Hotkey, { registeredAt }: Pick<SubmissionFacts, 'registeredAt'>): number {
  return (registeredAt(a) ?? 0) - (registeredAt(b) ?? 0) || compare(a, b);
}

/** By code unit, not by locale: the same order on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
