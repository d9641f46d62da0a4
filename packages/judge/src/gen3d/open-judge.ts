import { JUDGING_STRATEGIES, type JudgingStrategy } from '@tiltyard/schema/gen3d';
import { startDeadline } from '@tiltyard/store';
import type { AnswerCache, Ask, JudgeEndpoint, JudgeLog } from '../interfaces.js';
import { describeFault, isUnanswered, JudgeError } from '../judge-error.js';
import { requestKey, requestOf } from '../question.js';
import type { DuelRequest, DuelResult, Judge, Judging, Strategy } from './interfaces.js';
import { pairwise } from './pairwise.js';

/** Every strategy that this version knows. */
const STRATEGIES: Readonly<Record<JudgingStrategy, Strategy>> = { pairwise };

/** Short of the ten seconds in which a process must stop. */
const KEEP_TIMEOUT_MS = 8_000;

export interface JudgeOptions {
  /** Shared by all judges of a process. */
  readonly endpoint: JudgeEndpoint;
  /** The `judging` part of the round's rules. */
  readonly judging: Judging;
  readonly answers: AnswerCache;
  readonly log: JudgeLog;
}

/**
 * Opens the judge of a round.
 *
 * @throws JudgeError `unsupported_strategy`: a round is never judged by another strategy than its rules name.
 *
 * @example
 * const endpoint = openEndpoint(readEndpointConfig(process.env), log);
 * const judge = openJudge({ endpoint, judging: rules.judging, answers: answersInStore(store, log), log });
 * const result = await judge.duel({ prompt, left, right, seed, signal });
 */
export function openJudge({ endpoint, judging, answers, log }: JudgeOptions): Judge {
  const name = JUDGING_STRATEGIES.find((one) => one === judging.strategy);
  if (name === undefined) throw new JudgeError({ code: 'unsupported_strategy', strategy: judging.strategy });
  const strategy = STRATEGIES[name];
  return {
    models: judging.judges.map(({ model }) => model),
    strategy: strategy.name,
    async duel(duel) {
      try {
        const verdict = await strategy.judge(duel, judging, keptAsk({ endpoint, answers, log }, duel));
        return { resolved: true, ...verdict, evidence: evidenceOf(duel) };
      } catch (error) {
        duel.signal?.throwIfAborted();
        if (!(error instanceof JudgeError) || !isUnanswered(error.fault)) throw error;
        log.warn({ ...error.fault }, 'a duel stays unresolved');
        return { resolved: false, reason: error.fault, message: describeFault(error.fault) };
      }
    },
  };
}

/**
 * Asks, unless the answer is kept. The cache saves money and time and decides nothing: where it fails, the question
 * is asked, and an answer that cannot be kept still counts.
 */
function keptAsk(
  { endpoint, answers, log }: Pick<JudgeOptions, 'endpoint' | 'answers' | 'log'>,
  { attempt = 0, priority = 0, signal }: DuelRequest,
): Ask {
  return async (question) => {
    const request = requestOf(question);
    const requestSha256 = requestKey(request, attempt);
    const kept = await answers.get(requestSha256, { signal }).catch((error: unknown) => {
      if (!signal?.aborted) log.warn({ error, requestSha256 }, 'kept answers cannot be read');
      return undefined;
    });
    const known = question.answer.safeParse(kept);
    if (known.success) return { answer: known.data, requestSha256 };
    const answer = await endpoint.ask(request, question.answer, { priority, signal });
    // Without the caller's signal: an answer that has been paid for is kept even while everything stops.
    using bound = startDeadline(KEEP_TIMEOUT_MS, undefined);
    await answers.put(requestSha256, answer, { signal: bound.signal }).catch((error: unknown) => {
      log.warn({ error, requestSha256 }, 'an answer cannot be kept');
    });
    return { answer, requestSha256 };
  };
}

function evidenceOf({ prompt, left, right }: DuelRequest): Extract<DuelResult, { resolved: true }>['evidence'] {
  return {
    prompt: ('imageUrl' in prompt ? prompt.sha256 : undefined) ?? null,
    left_png: left.gridSha256 ?? null,
    right_png: right.gridSha256 ?? null,
  };
}
