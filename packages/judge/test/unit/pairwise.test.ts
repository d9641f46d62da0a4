import { Sha256 } from '@tiltyard/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PairwiseDetail } from '../../src/gen3d/index.js';
import { pairwise } from '../../src/gen3d/pairwise.js';
import { pairwiseQuestion } from '../../src/gen3d/pairwise-question.js';
import { type Answered, requestKey, requestOf } from '../../src/index.js';
import type { Ask } from '../../src/interfaces.js';
import { DUEL, JUDGING } from '../support/judge-at.js';

const penalty = fc.integer({ min: 0, max: 20 }).map((halves) => halves / 2);
/** What one model answers in each of the two orders, whatever it may mean by it. */
const calls = fc.record({ leftFirst: fc.tuple(penalty, penalty), rightFirst: fc.tuple(penalty, penalty) });
const judges = fc.array(calls, { minLength: 1, maxLength: 4 });
type Calls = typeof calls extends fc.Arbitrary<infer Value> ? Value : never;

/** An endpoint of this answers: the first picture decides which order was asked. */
function asking(answers: readonly Calls[], leftUrl: string): Ask {
  return async <Answer>({ model, content, answer }: Parameters<Ask>[0]) => {
    const [, first] = content.flatMap((part) => (part.type === 'image_url' ? [part.image_url.url] : []));
    const given = answers[Number(model)];
    const [penalty_1, penalty_2] = (first === leftUrl ? given?.leftFirst : given?.rightFirst) ?? [];
    const parsed = answer.parse({ penalty_1, penalty_2, issues: '' }) as Answer;
    return { answer: parsed, requestSha256: Sha256.parse('0'.repeat(64)) } satisfies Answered<Answer>;
  };
}

const judgingOf = (count: number) => ({
  ...JUDGING,
  judges: Array.from({ length: count }, (_, index) => ({ model: `${index}` })),
});
const mirror = { left: 'right', right: 'left', draw: 'draw' } as const;

describe('the pairwise strategy', () => {
  it('gives the mirrored outcome when the sides change places, whatever the models answer', async () => {
    await fc.assert(
      fc.asyncProperty(judges, async (answers) => {
        const judging = judgingOf(answers.length);
        const one = await pairwise.judge(DUEL, judging, asking(answers, DUEL.left.gridUrl));
        // The models see the same pictures in the same orders; only our names for the sides are exchanged.
        const swapped = { ...DUEL, left: DUEL.right, right: DUEL.left };
        const other = await pairwise.judge(swapped, judging, asking(answers, DUEL.left.gridUrl));
        expect(other.winner).toBe(mirror[one.winner]);
      }),
    );
  });

  it('calls a model that only looks at the order a draw, however strongly it does', async () => {
    await fc.assert(
      fc.asyncProperty(penalty, penalty, async (first, second) => {
        const answers: readonly Calls[] = [{ leftFirst: [first, second], rightFirst: [first, second] }];
        const verdict = await pairwise.judge(DUEL, judgingOf(1), asking(answers, DUEL.left.gridUrl));
        expect(verdict.winner).toBe('draw');
      }),
    );
  });

  it('keeps a detail that gives the outcome again', async () => {
    await fc.assert(
      fc.asyncProperty(judges, async (answers) => {
        const judging = judgingOf(answers.length);
        const verdict = await pairwise.judge(DUEL, judging, asking(answers, DUEL.left.gridUrl));
        const detail = PairwiseDetail.parse(JSON.parse(JSON.stringify(verdict.detail)));
        const all = detail.judges.flatMap((judge) => judge.calls);
        const gap = all.reduce((sum, call) => sum + call.left_penalty - call.right_penalty, 0) / all.length;
        expect(detail.left_penalty - detail.right_penalty).toBeCloseTo(gap);
        const expected = Math.abs(gap) <= 1 ? 'draw' : gap < 0 ? 'left' : 'right';
        // On the threshold itself the last bit of a mean of thirds may tip either way.
        if (Math.abs(Math.abs(gap) - 1) > 1e-9) expect(verdict.winner).toBe(expected);
      }),
    );
  });
});

describe("a request's name", () => {
  const nameOf = (duel: typeof DUEL, order: 'left_first' | 'right_first' = 'left_first', attempt = 0) =>
    requestKey(requestOf(pairwiseQuestion(duel, order, 'm', 0)), attempt);

  it('is the same for the same question, and another for any other', () => {
    const names = [
      nameOf(DUEL),
      nameOf(DUEL, 'right_first'),
      nameOf({ ...DUEL, seed: 43 }),
      nameOf({ ...DUEL, left: { gridUrl: 'https://objects.example/other.png' } }),
      nameOf({ ...DUEL, prompt: { text: 'a chair' } }),
      nameOf(DUEL, 'left_first', 1),
      nameOf(DUEL, 'left_first', 2),
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(nameOf({ ...DUEL })).toBe(names[0]);
  });
});
