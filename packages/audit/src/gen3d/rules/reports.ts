import { forcedOutcomes, isBaselineComplete, isForcedText, scoreOf } from '@tiltyard/rules/gen3d';
import { counted, LEADER, shortName } from '@tiltyard/schema';
import type { GenerationResult, MatchReport, Stem } from '@tiltyard/schema/gen3d';
import type { Tree } from '../../replay/tree.js';
import { isOwnWork } from '../commit-view.js';
import type { ReportDigest } from '../round/report-digest.js';
import { rulesAt } from '../round/round-view.js';
import { contentRule, naming, type Rule, several, type WrittenFile } from '../rule.js';
import { generationsOf, keptOf, reportOf, sideFilesOf, stemsOf, valueIn } from '../tree.js';
import { lastRows } from './matrix.js';

/** The allowance of the running competition's first rounds: twice the present one. */
const FIRST_ROUNDS_ALLOWANCE = 0.1;

/** What a match's report says, and what it rests on. */
export const REPORT_RULES: readonly Rule[] = [
  contentRule(
    {
      id: 'R2',
      severity: 'error',
    },
    'matchReport',
    (report, file) => {
      file.looked();
      const { score, margin } = scoreOf(report.duels);
      if (report.score !== score) file.fault(`the score is ${report.score}, the duels give ${score}`);
      if (report.margin !== margin) file.fault(`the margin is ${report.margin}, the duels give ${margin}`);
      const unsorted = report.duels.findIndex((duel, at) => at > 0 && (report.duels[at - 1]?.name ?? '') >= duel.name);
      if (unsorted >= 0) file.fault(`the duels are not sorted: ${report.duels[unsorted]?.name} is out of place`);
      for (const detail of promptFaults(report, file.tree, file.params.round)) file.fault(detail);
      for (const detail of urlFaults(report, file.tree, file.params.round)) file.fault(detail);
      for (const detail of baselineFaults(report, file)) file.fault(detail);
    },
  ),
  contentRule({ id: 'R2f', severity: 'error' }, 'matchReport', (report, file) => {
    const { round } = file.params;
    const rules = rulesAt(file.tree, round);
    const prompts = valueIn(file.tree, 'prompts', { round });
    const left = sideFilesOf(file.tree, round, report.left);
    const right = sideFilesOf(file.tree, round, report.right);
    if (rules === undefined || prompts === undefined || left === undefined || right === undefined) return;
    file.looked();
    const misfitsAt = (overtimeToleranceRatio: number) =>
      misfits(report, {
        prompts: stemsOf(prompts),
        left,
        right,
        hardLimitSeconds: rules.generation.hard_limit_seconds,
        overtimeToleranceRatio,
      });
    const ratio = rules.generation.overtime_tolerance_ratio;
    const wrong = misfitsAt(ratio);
    if (file.at.dialect === 'ours') {
      if (wrong.length > 0) file.fault(several(wrong, 'duel'));
      return;
    }
    const wrongThen = misfitsAt(FIRST_ROUNDS_ALLOWANCE);
    const digest = file.change.after && keptOf(file.change.after.content).digest;
    // Files of other eras have no times, or were held to other limits.
    const isPresent = file.change.after?.content.format === undefined;
    if (digest !== undefined && isPresent)
      FITS.set(digest, { now: wrong.length === 0, earlier: wrongThen.length === 0 });
    if (wrong.length > 0 && wrongThen.length > 0) file.fault(several(wrong, 'duel'));
  }),
  // The reference kept the allowance in its environment: which one was in force is for the data to say.
  contentRule(
    {
      id: 'R2f',
      severity: 'info',
      only: 'reference',
    },
    'winner',
    (_winner, file) => {
      const { round } = file.params;
      const ratio = rulesAt(file.tree, round)?.generation.overtime_tolerance_ratio;
      const fits = lastRows(file.tree, round).flatMap(({ left, right }) => {
        const report = reportOf(file.tree, round, left, right);
        return (report === undefined ? undefined : FITS.get(report)) ?? [];
      });
      if (fits.length === 0 || ratio === undefined) return;
      const now = fits.filter((fit) => fit.now).length;
      const earlier = fits.filter((fit) => fit.earlier).length;
      const count = `of ${counted(fits.length, 'report')}, ${now} fit an overtime allowance of ${ratio} and ${earlier} one of ${FIRST_ROUNDS_ALLOWANCE}`;
      const odd = allowanceFault(file, fits, ratio);
      if (odd === undefined) file.fault(count);
      else file.fault(`${count}: ${odd}`, 'warn');
    },
  ),
];

/** Which allowance a report fits: looked up again when its round is won. */
interface AllowanceFit {
  readonly now: boolean;
  readonly earlier: boolean;
}
const FITS = new WeakMap<ReportDigest, AllowanceFit>();

/** The allowances that all rounds of a replay fit since the last change, up to the one that was won last. */
const ALLOWANCES = new WeakMap<Tree, { readonly round: number; readonly allowances: readonly number[] }>();

/** Why no one allowance was in force, in the round or since the rounds before it; a change is told once. */
function allowanceFault(
  { tree, params: { round } }: WrittenFile<'winner'>,
  fits: readonly AllowanceFit[],
  ratio: number,
): string | undefined {
  // What fits neither is an error of its own.
  const told = fits.filter((fit) => fit.now || fit.earlier);
  const allowances = [
    ...(told.every((fit) => fit.now) ? [ratio] : []),
    ...(told.every((fit) => fit.earlier) ? [FIRST_ROUNDS_ALLOWANCE] : []),
  ];
  if (allowances.length === 0) return 'no one allowance was in force';
  const before = ALLOWANCES.get(tree);
  const kept = before?.allowances.filter((allowance) => allowances.includes(allowance)) ?? allowances;
  ALLOWANCES.set(tree, { round, allowances: kept.length === 0 ? allowances : kept });
  return kept.length > 0 ? undefined : `up to round ${before?.round} it was ${before?.allowances.join(' or ')}`;
}

function* promptFaults(report: MatchReport, tree: Tree, round: number): Generator<string> {
  const prompts = valueIn(tree, 'prompts', { round });
  if (prompts === undefined) return;
  const lines = new Map(stemsOf(prompts).map((stem, at) => [stem, prompts[at]]));
  const seen = new Set<Stem>();
  const strange: string[] = [];
  for (const { name, prompt } of report.duels) {
    if (lines.get(name) !== prompt) strange.push(name);
    seen.add(name);
  }
  if (strange.length > 0) yield `${counted(strange.length, 'duel')} about no prompt of the round${naming(strange)}`;
  const missing = [...lines.keys()].filter((stem) => !seen.has(stem));
  if (missing.length > 0) yield `no duel for ${counted(missing.length, 'prompt')} of the round${naming(missing)}`;
}

/** A duel's four URLs are those of the sides' files at this commit; a file that is not there is null. */
function* urlFaults(report: MatchReport, tree: Tree, round: number): Generator<string> {
  for (const side of ['left', 'right'] as const) {
    const files = generationsOf(tree, round, report[side]);
    if (files === undefined) continue;
    const other = report.duels.filter((duel) => {
      const entry: GenerationResult | undefined = files[duel.name];
      return duel[`${side}_glb`] !== (entry?.glb ?? null) || duel[`${side}_png`] !== (entry?.png ?? null);
    });
    if (other.length > 0) {
      const name = shortName(report[side]);
      yield `${counted(other.length, 'duel')} with other files than those of ${name}${naming(other.map((duel) => duel.name))}`;
    }
  }
}

/** Nobody plays the leader of ours before its container has made what it can: its files would still change. */
function* baselineFaults(
  { left }: MatchReport,
  { at, tree, params: { round } }: WrittenFile<'matchReport'>,
): Generator<string> {
  const prompts = valueIn(tree, 'prompts', { round });
  const files = generationsOf(tree, round, LEADER);
  const maxAttempts = rulesAt(tree, round)?.generation.max_attempts;
  if (left !== LEADER || prompts === undefined || files === undefined || maxAttempts === undefined) return;
  if (isOwnWork(at, round) && !isBaselineComplete(stemsOf(prompts), files, maxAttempts)) {
    yield 'the leader was played before its container had made its files, or had used its attempts';
  }
}

function misfits(report: MatchReport, input: Parameters<typeof forcedOutcomes>[0]): readonly string[] {
  const forced = forcedOutcomes(input);
  return report.duels.flatMap(({ name, winner, issues }) => {
    const due = forced.get(name);
    if (due === undefined) return isForcedText(name, issues) ? [`${name}: "${issues}", where a judge decides`] : [];
    if (due.winner === winner && due.issues === issues) return [];
    return [`${name}: ${winner}, where "${due.issues}" makes it ${due.winner}`];
  });
}
