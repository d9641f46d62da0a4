import { forcedOutcomes, isForcedText, pairwiseVerdict } from '@tiltyard/rules/gen3d';
import { counted, sameValue } from '@tiltyard/schema';
import type { Duel, MatchReport, Rules, Stem } from '@tiltyard/schema/gen3d';
import { z } from 'zod';
import { isOwnWork } from '../commit-view.js';
import { rulesAt } from '../round/round-view.js';
import { contentRule, type Rule, several, type WrittenFile } from '../rule.js';
import { sideFilesOf, stemsOf, valueIn } from '../tree.js';

type Report = WrittenFile<'matchReport'>;
type Judging = Rules['judging'];

/** What judges answered, and what follows from it. */
export const JUDGED_DUEL_RULES: readonly Rule[] = [
  contentRule(
    {
      id: 'R2d',
      severity: 'error',
      only: 'ours',
    },
    'matchReport',
    (report, file) => {
      const judging = rulesAt(file.tree, file.params.round)?.judging;
      if (judging === undefined) return;
      const isOwn = isOwnWork(file.at, file.params.round);
      const detail = isOwn ? judgeFault(report, judging) : undefined;
      if (detail !== undefined) file.fault(detail);
      const needsJudge = judgeNeeded(report, file);
      const asked = new Map<string, string>();
      const wrong: string[] = [];
      let underived = 0;
      for (const duel of report.duels) {
        const strategy = strategyOf(duel);
        // A round that began under the reference implementation holds no answers.
        if (strategy === undefined && !(isOwn && needsJudge(duel))) continue;
        file.looked();
        if (strategy === judging.strategy && strategy !== 'pairwise') underived += 1;
        const answers = PairwiseCalls.safeParse(duel.detail).data?.judges;
        const problem = judgedOtherwise(duel, strategy, answers, judging) ?? askedOtherwise(duel, answers ?? [], asked);
        if (problem !== undefined) wrong.push(`${duel.name}: ${problem}`);
      }
      if (wrong.length > 0) file.fault(several(wrong, 'duel'));
      if (underived > 0) {
        file.fault(
          `${counted(underived, 'duel')} ${underived === 1 ? 'was' : 'were'} judged by ${judging.strategy}, whose winners are not derived again`,
          'warn',
        );
      }
    },
  ),
];

/** Who says that it judged, where that is not who should have. */
function judgeFault({ judge }: MatchReport, { strategy, judges }: Judging): string | undefined {
  const due = { models: judges.map(({ model }) => model), strategy };
  if (judge !== undefined && judge.strategy === strategy && sameValue(judge.models, due.models)) return undefined;
  const said = judge === undefined ? 'does not say who judged' : `was judged by ${brief(judge)}`;
  return `the report ${said}, where the rules name ${brief(due)}`;
}

function brief({ models, strategy }: { readonly models: readonly string[]; readonly strategy: string }): string {
  return `${models.join(', ')} (${strategy})`;
}

/** Tells which duels a judge decides. Where files cannot be read, those are believed that say they needed none. */
function judgeNeeded({ left, right }: MatchReport, { tree, params: { round } }: Report): (duel: Duel) => boolean {
  const rules = rulesAt(tree, round);
  const prompts = valueIn(tree, 'prompts', { round });
  const [ofLeft, ofRight] = [left, right].map((side) => sideFilesOf(tree, round, side));
  if (rules === undefined || prompts === undefined || ofLeft === undefined || ofRight === undefined) {
    return ({ name, issues }) => !isForcedText(name, issues);
  }
  const forced: ReadonlyMap<Stem, unknown> = forcedOutcomes({
    prompts: stemsOf(prompts),
    left: ofLeft,
    right: ofRight,
    hardLimitSeconds: rules.generation.hard_limit_seconds,
    overtimeToleranceRatio: rules.generation.overtime_tolerance_ratio,
  });
  return ({ name }) => !forced.has(name);
}

const Named = z.object({ strategy: z.string() });
const Penalty = z.number().min(0).max(10);

/** What the re-derivation of a pairwise duel needs of its `detail`. */
const PairwiseCalls = z.object({
  judges: z.array(
    z.object({
      model: z.string(),
      calls: z.array(
        z.object({
          order: z.string(),
          left_penalty: Penalty,
          right_penalty: Penalty,
          request_sha256: z.string(),
        }),
      ),
    }),
  ),
});
type Answers = z.infer<typeof PairwiseCalls>['judges'];

function strategyOf({ detail }: Duel): string | undefined {
  return Named.safeParse(detail).data?.strategy;
}

function judgedOtherwise(
  duel: Duel,
  strategy: string | undefined,
  answers: Answers | undefined,
  judging: Judging,
): string | undefined {
  if (strategy === undefined) return `${duel.winner}, and what its judges answered is not on record`;
  if (strategy !== judging.strategy) return `judged by ${strategy}, where the rules say ${judging.strategy}`;
  if (duel.winner === 'skipped') return 'skipped, which no judge decides';
  if (strategy !== 'pairwise') return undefined;
  return answers === undefined ? 'its detail cannot be read' : derivedOtherwise(duel, answers, judging);
}

function derivedOtherwise(duel: Duel, judges: Answers, judging: Judging): string | undefined {
  const due = judging.judges.map(({ model }) => model).sort();
  const asked = judges.map(({ model }) => model).sort();
  if (due.join('\n') !== asked.join('\n')) return `judged by ${asked.join(', ')} instead of ${due.join(', ')}`;
  const isWhole = judges.every(
    ({ calls }) =>
      calls
        .map(({ order }) => order)
        .sort()
        .join() === 'left_first,right_first',
  );
  if (!isWhole) return 'not judged once in each order';
  const calls = judges.flatMap((judge) => judge.calls);
  const verdict = pairwiseVerdict(
    calls.map((call) => call.left_penalty),
    calls.map((call) => call.right_penalty),
    judging.draw_threshold,
  );
  if (verdict.winner === duel.winner) return undefined;
  return `${duel.winner}, where penalties of ${verdict.leftPenalty} and ${verdict.rightPenalty} give ${verdict.winner}`;
}

/**
 * Whether an answer was given to another question of this report. A request's name is the hash of all that was asked, so
 * equal names ask one model about one prompt and the same two pictures in the same order. That happens, where sides show
 * the same picture.
 */
function askedOtherwise(duel: Duel, answers: Answers, asked: Map<string, string>): string | undefined {
  for (const { model, calls } of answers) {
    for (const { order, request_sha256: request } of calls) {
      const [first, second] =
        order === 'left_first' ? [duel.left_png, duel.right_png] : [duel.right_png, duel.left_png];
      // Two prompts may have one picture, and then one question.
      const question = [model, duel.evidence?.prompt ?? duel.prompt, first, second].join('\n');
      const known = asked.get(request) ?? question;
      if (known !== question) return 'its judges answered another question than this one';
      asked.set(request, question);
    }
  }
  return undefined;
}
