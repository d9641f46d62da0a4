import { FaultError } from '@tiltyard/schema';

/** Why a question to a model has no answer. Infrastructure, never a verdict: the duel stays unresolved. */
export type UnansweredFault =
  /** The endpoint does not answer, or answers 429, 5xx, broken HTTP or an error in place of an answer, and went on doing so. */
  | { code: 'unavailable'; model: string; tries: number; httpStatus: number | undefined; detail: string }
  /** The model answers, but not what was asked for, and went on doing so. */
  | { code: 'nonsense'; model: string; tries: number; detail: string }
  /** The model, or a filter in front of it, will not answer on what it is shown, and went on doing so. */
  | { code: 'declined'; model: string; tries: number; detail: string }
  /** The endpoint refuses the request as such: credentials, model name, an image that it cannot read. */
  | { code: 'refused'; model: string; httpStatus: number; detail: string };

/** Why the judge could not do its work. */
export type JudgeFault = UnansweredFault | { code: 'unsupported_strategy'; strategy: string };

/** The one error that this package throws. */
export class JudgeError extends FaultError<JudgeFault> {
  override readonly name = 'JudgeError';

  constructor(fault: JudgeFault) {
    super(fault, describeFault(fault));
  }
}

/** Whether a fault leaves a duel unresolved (and is not the caller's own doing). */
export function isUnanswered(fault: JudgeFault): fault is UnansweredFault {
  return ['unavailable', 'nonsense', 'declined', 'refused'].includes(fault.code);
}

/** Statuses that say something of the request's content: it cannot be read, is too large, of a wrong type, or forbidden. */
const ABOUT_CONTENT: ReadonlySet<number> = new Set([400, 413, 415, 422, 451]);

/** Words of which a refusal of a picture holds one. */
const PICTURE_WORDS = [
  ...['image', 'picture', 'photo', 'pixel', 'media', 'decode', 'safety', 'moderat', 'flagged'],
  ...['inappropriate', 'sensitive', 'content policy', 'content management', 'content filter', 'content_filter'],
] as const;

/** Words of refusals that are about us or the endpoint, whatever else they speak of. */
const OUR_WORDS = [
  ...['api key', 'api_key', 'apikey', 'token', 'credential', 'account', 'permission', 'unauthorized'],
  ...['quota', 'credit', 'billing', 'budget', 'payment', 'balance', 'limit exceeded'],
  ...['does not exist', 'not found', 'not support', 'not a multimodal', 'not enabled', 'disabled', 'deprecated'],
] as const;

/**
 * Whether a fault may be about what the question shows: the endpoint is there, lets us in, and says that it refuses this content.
 * An outage never is, nor is a nonsense answer. Endpoints use 400 for an expired key or budget as well, so the status
 * alone does not say whose fault it is: their words have to.
 */
export function mayBeAboutThePicture(fault: UnansweredFault): boolean {
  if (fault.code === 'declined') return true;
  if (fault.code !== 'refused' || !ABOUT_CONTENT.has(fault.httpStatus)) return false;
  const text = fault.detail.toLowerCase();
  const holds = (word: string) => text.includes(word);
  return PICTURE_WORDS.some(holds) && !OUR_WORDS.some(holds);
}

/** A fault in a sentence. */
export function describeFault(fault: JudgeFault): string {
  switch (fault.code) {
    case 'unavailable': {
      const status = fault.httpStatus === undefined ? '' : ` (HTTP ${fault.httpStatus})`;
      return `no answer of ${fault.model} in ${fault.tries} tries${status}: ${fault.detail}`;
    }
    case 'nonsense':
      return `no usable answer of ${fault.model} in ${fault.tries} tries: ${fault.detail}`;
    case 'declined':
      return `${fault.model} declines in ${fault.tries} tries: ${fault.detail}`;
    case 'refused':
      return `the endpoint refuses to ask ${fault.model} (HTTP ${fault.httpStatus}): ${fault.detail}`;
    case 'unsupported_strategy':
      return `the judging strategy ${JSON.stringify(fault.strategy)} is not supported by this version`;
  }
}
