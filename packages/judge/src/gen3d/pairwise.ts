import { pairwiseVerdict } from '@tiltyard/rules/gen3d';
import type { Ask } from '../interfaces.js';
import type { DuelRequest, Judging, Strategy, Verdict } from './interfaces.js';
import type { PairwiseDetail } from './pairwise-detail.js';
import { ORDERS, type Order, pairwiseQuestion } from './pairwise-question.js';

type JudgeDetail = PairwiseDetail['judges'][number];
type CallDetail = JudgeDetail['calls'][number];

/** Of what a model says is wrong, so much goes into the report. */
const MAX_ISSUES_CHARACTERS = 1000;

/**
 * Every judge is asked twice, with the sides swapped. A side's penalty is the mean of all it got, over both orders and
 * all judges, and the rules' one decision is made from these two means. With one judge that is the plain rule; with
 * several, a judge who is sure weighs more than one who wavers, which a vote of judges would lose. What each judge
 * alone would have decided is in the detail.
 *
 * @see docs/rules.md#judging
 */
export const pairwise: Strategy = {
  name: 'pairwise',
  async judge(duel, judging, ask) {
    const models = judging.judges.map(({ model }) => model);
    const asked = models.flatMap((model) => ORDERS.map((order) => askInOrder(duel, judging, model, order, ask)));
    // All of them to their end, though one may fail: an answer that still comes is kept and need not be asked again.
    for (const { status, reason } of (await Promise.allSettled(asked)) as PromiseRejectedResult[]) {
      if (status === 'rejected') throw reason;
    }
    const calls = await Promise.all(asked);
    const judges = models.map((model, index) => {
      return judgeDetail(model, calls.slice(index * ORDERS.length, (index + 1) * ORDERS.length), judging);
    });
    return verdictOf(judges, judging);
  },
};

async function askInOrder(
  duel: DuelRequest,
  judging: Judging,
  model: string,
  order: Order,
  ask: Ask,
): Promise<CallDetail> {
  const question = pairwiseQuestion(duel, order, model, judging.temperature);
  const { answer, requestSha256 } = await ask(question);
  const isLeftFirst = order === 'left_first';
  return {
    order,
    left_penalty: isLeftFirst ? answer.penalty_1 : answer.penalty_2,
    right_penalty: isLeftFirst ? answer.penalty_2 : answer.penalty_1,
    issues: answer.issues.slice(0, MAX_ISSUES_CHARACTERS),
    request_sha256: requestSha256,
  };
}

function judgeDetail(model: string, calls: CallDetail[], judging: Judging): JudgeDetail {
  const { winner, leftPenalty, rightPenalty } = decide(calls, judging);
  return { model, winner, left_penalty: leftPenalty, right_penalty: rightPenalty, calls };
}

function verdictOf(judges: JudgeDetail[], judging: Judging): Verdict & { readonly detail: PairwiseDetail } {
  const { winner, leftPenalty, rightPenalty } = decide(
    judges.flatMap(({ calls }) => calls),
    judging,
  );
  return {
    winner,
    issues: issuesOf(judges),
    detail: {
      strategy: 'pairwise',
      draw_threshold: judging.draw_threshold,
      left_penalty: leftPenalty,
      right_penalty: rightPenalty,
      judges,
    },
  };
}

function decide(calls: readonly CallDetail[], judging: Judging) {
  return pairwiseVerdict(
    calls.map(({ left_penalty }) => left_penalty),
    calls.map(({ right_penalty }) => right_penalty),
    judging.draw_threshold,
  );
}

/** The judges' words, each with the order in which it saw the sides, since it speaks of a first and a second one. */
function issuesOf(judges: readonly JudgeDetail[]): string {
  const several = judges.length > 1;
  return judges
    .flatMap(({ model, calls }) => {
      return calls.map(({ order, issues }) => {
        const seen = order === 'left_first' ? 'left first' : 'right first';
        return `[${several ? `${model}, ` : ''}${seen}] ${issues.trim()}`;
      });
    })
    .join(' ')
    .slice(0, 10_000);
}
