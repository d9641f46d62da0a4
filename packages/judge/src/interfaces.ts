import type { Sha256 } from '@tiltyard/schema';
import type { Question } from './question.js';

/** Where the judge says what an operator should know. A pino logger is one. */
export interface JudgeLog {
  debug(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

/** An answer with the name of the request that it answers. */
export interface Answered<Answer> {
  readonly answer: Answer;
  readonly requestSha256: Sha256;
}

/** Asks one question, or finds the answer that it had before. @throws JudgeError */
export type Ask = <Answer>(question: Question<Answer>) => Promise<Answered<Answer>>;

/** Where answers are kept, by the SHA-256 of their requests. */
export interface AnswerCache {
  /** The kept answer, of whatever form; undefined where there is none, or none that is whole. */
  get(key: Sha256, options: { readonly signal?: AbortSignal | undefined }): Promise<unknown>;
  put(key: Sha256, answer: unknown, options: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}
