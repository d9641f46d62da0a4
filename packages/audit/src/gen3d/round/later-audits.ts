import { type Hotkey, LEADER, shortName } from '@tiltyard/schema';
import type { GenerationAudits } from '@tiltyard/schema/gen3d';
import type { Tree } from '../../replay/tree.js';
import { type AuditRow, auditReportPath, eraFiles, type GenerationReports } from '../legacy/era-files.js';
import { fileOf, keptOf, valueIn } from '../tree.js';

/** What the verdicts of a round of the later competition follow from. */
export interface LaterAuditFacts {
  readonly rows: readonly AuditRow[];
  readonly reports: GenerationReports;
  /** Whom each audited miner is audited against: the defender that its request names. */
  readonly defenders: ReadonlyMap<Hotkey, string>;
  readonly winMargin: number;
  /** Whether re-runs are judged by then, as they were not in the very first rounds. */
  readonly isJudgingDue: boolean;
}

/** A verdict, with its reason in the words of that competition. */
export interface LaterVerdict {
  readonly outcome: 'pending' | 'passed' | 'rejected';
  readonly reason: string;
}

/**
 * The verdict on a miner of the later competition: its container is run several times, and each re-run is judged like a
 * challenger. It must not lose by the win margin against what was submitted, and must beat the defender by it. As in that
 * competition's judge, rejection comes first, and a re-run that was not judged leaves it open.
 */
export function laterVerdict(hotkey: Hotkey, facts: LaterAuditFacts): LaterVerdict {
  const { rows, reports, defenders, winMargin, isJudgingDue } = facts;
  const report = reports[hotkey];
  if (report?.outcome === 'rejected') {
    const because = report.reason === '' ? '' : `: ${report.reason.slice(0, 64)}`;
    return { outcome: 'rejected', reason: `generation report${because}` };
  }
  const defender = defenders.get(hotkey) ?? LEADER;
  const margins = new Map(rows.filter((row) => row.right === hotkey).map((row) => [row.left, row.margin]));
  const lost = [
    ...belows(margins, 'submitted', 'submitted', (margin) => margin < -winMargin),
    ...belows(margins, defender, shortName(defender as Hotkey), (margin) => margin < winMargin),
  ][0];
  if (lost !== undefined) return { outcome: 'rejected', reason: lost };
  // The first rounds had one re-run without a number, and the very first did not judge it.
  const isUnnumbered = isJudgingDue || margins.size > 0;
  const repeats = report?.repeats?.map((repeat) => repeat.repeat_index) ?? (isUnnumbered ? [1] : undefined);
  const isJudged =
    repeats === undefined ||
    (repeats.length > 0 && repeats.every((k) => margins.has(`submitted_${k}`) && margins.has(`${defender}_${k}`)));
  return { outcome: report?.outcome === 'completed' && isJudged ? 'passed' : 'pending', reason: '' };
}

function belows(
  margins: ReadonlyMap<string, number>,
  key: string,
  name: string,
  isLost: (margin: number) => boolean,
): readonly string[] {
  return [...margins]
    .filter(([left, margin]) => left.startsWith(`${key}_`) && isLost(margin))
    .map(([left, margin]) => ({ repeat: Number(left.slice(key.length + 1)), margin }))
    .sort((a, b) => a.repeat - b.repeat)
    .map(({ repeat, margin }) => `${name} vs generated #${repeat}: ${percent(margin)}`);
}

/** As Python's `+.2%` has it. */
function percent(margin: number): string {
  return `${margin < 0 ? '-' : '+'}${Math.abs(margin * 100).toFixed(2)}%`;
}

/** What a round's verdicts follow from at a commit; undefined where it has none of the later competition's files. */
export function laterFactsOf(tree: Tree, round: number, winMargin: number): LaterAuditFacts | undefined {
  const matrix = laterValue<readonly AuditRow[]>(tree, 'auditMatrix', round);
  const reports = laterValue<GenerationReports>(tree, 'generationReports', round);
  if (matrix === undefined && reports === undefined) return undefined;
  const requests = valueIn(tree, 'auditRequests', { round }) ?? [];
  const defenders = requests.flatMap((request) => {
    const defender: unknown = Reflect.get(request, 'latest_defender');
    return typeof defender === 'string' ? [[request.hotkey, defender] as const] : [];
  });
  const isJudgingDue = earlierRounds(round).some((one) => laterValue(tree, 'auditMatrix', one) !== undefined);
  const facts = { reports: reports ?? {}, defenders: new Map(defenders), winMargin, isJudgingDue };
  // Before there was a matrix, a margin stood in its report only.
  const rows = matrix ?? requests.flatMap(({ hotkey }) => reportedRows(tree, round, hotkey, facts));
  return { ...facts, rows };
}

function reportedRows(
  tree: Tree,
  round: number,
  right: Hotkey,
  { reports, defenders }: Omit<LaterAuditFacts, 'rows'>,
): readonly AuditRow[] {
  const repeats = [undefined, ...(reports[right]?.repeats ?? []).map((repeat) => repeat.repeat_index)];
  return ['submitted', defenders.get(right) ?? LEADER].flatMap((left) =>
    repeats.flatMap((repeat) => {
      const file = tree.at(auditReportPath(round, right, left, repeat));
      const audit = file && keptOf(file.content).audit;
      return audit === undefined ? [] : [{ left: `${left}_${repeat ?? 1}`, right, margin: audit.due }];
    }),
  );
}

/** A round's audits: those on record, and, where the later competition left it at that, what its judge derived. */
export function withLaterAudits(
  audits: GenerationAudits,
  facts: LaterAuditFacts | undefined,
  hotkeys: readonly Hotkey[],
): GenerationAudits {
  if (facts === undefined) return audits;
  const derived = hotkeys.flatMap((hotkey) => {
    const isSettled = audits[hotkey] !== undefined && audits[hotkey].outcome !== 'pending';
    const { outcome, reason } = laterVerdict(hotkey, facts);
    if (isSettled || outcome === 'pending') return [];
    const none = { checked_prompts: 0, failed_prompts: 0, failed_critical: 0, generation_time: null };
    return [[hotkey, { hotkey, outcome, reason, ...none }] as const];
  });
  return derived.length === 0 ? audits : { ...audits, ...Object.fromEntries(derived) };
}

/**
 * Whether verdicts of the later competition were on record in a round before: from then on one that is not there is open,
 * and is not derived from what it would follow from.
 */
export function hasVerdictsBefore(tree: Tree, round: number): boolean {
  return earlierRounds(round).some((one) => {
    const { value, format } = fileOf(tree, 'generationAudits', { round: one })?.content ?? {};
    const audits = format?.era === 'scripts' ? ((value ?? {}) as GenerationAudits) : {};
    return Object.values(audits).some(({ outcome }) => outcome !== 'pending');
  });
}

/**
 * Whose audits passed on record, where nothing of what they follow from is: no report of re-runs, or no row of judging them,
 * though rounds before had such reports and rows.
 */
export function unfoundedPasses(tree: Tree, round: number, winMargin: number): readonly Hotkey[] {
  const { value, format } = fileOf(tree, 'generationAudits', { round })?.content ?? {};
  if (format?.era !== 'scripts') return [];
  const facts = laterFactsOf(tree, round, winMargin);
  const areReportsDue = earlierRounds(round).some((one) => laterValue(tree, 'generationReports', one) !== undefined);
  const areRowsDue = earlierRounds(round).some((one) => laterValue(tree, 'auditMatrix', one) !== undefined);
  const passed = Object.values((value ?? {}) as GenerationAudits).filter(({ outcome }) => outcome === 'passed');
  return passed.flatMap(({ hotkey }) => {
    const hasReport = facts?.reports[hotkey] !== undefined;
    const hasRow = facts?.rows.some(({ right }) => right === hotkey) === true;
    return (areReportsDue && !hasReport) || (areRowsDue && !hasRow) ? [hotkey] : [];
  });
}

/** How many rounds back it is looked for what a round has to have: more than any competition has. */
const ROUNDS_BACK = 1000;

/** The rounds before one, the nearest first. */
export function earlierRounds(round: number): readonly number[] {
  return Array.from({ length: Math.min(round, ROUNDS_BACK) }, (_, back) => round - 1 - back);
}

function laterValue<Value>(tree: Tree, name: 'auditMatrix' | 'generationReports', round: number): Value | undefined {
  return tree.at(eraFiles[name].path.format({ round }))?.content.value as Value | undefined;
}
