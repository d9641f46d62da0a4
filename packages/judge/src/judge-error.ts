/** Why a question to a model has no answer. Infrastructure, never a verdict: the duel stays unresolved. */
export type UnansweredFault =
  /** The endpoint does not answer, or answers 429, 5xx or broken HTTP, and went on doing so. */
  | { code: 'unavailable'; model: string; tries: number; httpStatus: number | undefined; problem: string }
  /** The model answers, but not what was asked for, and went on doing so. */
  | { code: 'nonsense'; model: string; tries: number; problem: string }
  /** The endpoint refuses the request as such: credentials, model name, an image that it cannot read. */
  | { code: 'refused'; model: string; httpStatus: number; problem: string };

/** Why the judge could not do its work. */
export type JudgeFault =
  | UnansweredFault
  | { code: 'bad_config'; field: string; problem: string }
  | { code: 'unsupported_strategy'; strategy: string }
  /** The caller's signal ended the duel. Answers that had come by then are kept. */
  | { code: 'aborted' };

/** The one error that this package throws. Read `fault.code`; the message is for people. */
export class JudgeError extends Error {
  override readonly name = 'JudgeError';

  constructor(readonly fault: JudgeFault) {
    super(describeFault(fault));
  }
}

/** Whether a fault leaves a duel unresolved (and is not the caller's own doing). */
export function isUnanswered(fault: JudgeFault): fault is UnansweredFault {
  return fault.code === 'unavailable' || fault.code === 'nonsense' || fault.code === 'refused';
}

/**
 * Whether a fault may be about what the question shows: the endpoint is there and lets us in, and does not give this answer. A
 * filter's refusal, a picture that it cannot read, or a model that has nothing to say look alike, and differ by endpoint.
 */
export function mayBeAboutThePicture(fault: UnansweredFault): boolean {
  if (fault.code === 'nonsense') return true;
  return fault.code === 'refused' && ![401, 402, 403, 404].includes(fault.httpStatus);
}

/** A fault in a sentence. */
export function describeFault(fault: JudgeFault): string {
  switch (fault.code) {
    case 'unavailable': {
      const status = fault.httpStatus === undefined ? '' : ` (HTTP ${fault.httpStatus})`;
      return `no answer of ${fault.model} in ${fault.tries} tries${status}: ${fault.problem}`;
    }
    case 'nonsense':
      return `no usable answer of ${fault.model} in ${fault.tries} tries: ${fault.problem}`;
    case 'refused':
      return `the endpoint refuses to ask ${fault.model} (HTTP ${fault.httpStatus}): ${fault.problem}`;
    case 'bad_config':
      return `judge configuration: ${fault.field}: ${fault.problem}`;
    case 'unsupported_strategy':
      return `the judging strategy ${JSON.stringify(fault.strategy)} is not supported by this version`;
    case 'aborted':
      return 'the duel was called off';
  }
}
