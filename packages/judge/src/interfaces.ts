import type { Sha256 } from '@tiltyard/schema';
import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';
import type { z } from 'zod';
import type { Question } from './question.js';

/** Where the judge says what an operator should know. A pino logger is one. */
export interface JudgeLog {
  debug(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

/** How a request is asked. */
export interface AskOptions {
  /** Higher goes first among those that wait. */
  readonly priority: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * An OpenAI-compatible endpoint with one queue for everything that is asked of it, so that it is kept as busy as it
 * allows and no busier, however many matches are judged.
 */
export interface JudgeEndpoint {
  /**
   * Asks until there is an answer of the right form. A try that fails gives its place in the queue up while it waits.
   *
   * @throws JudgeError `unavailable`, `nonsense`, `declined`, `refused`; the signal's reason
   */
  ask<Answer>(
    request: ChatCompletionCreateParamsNonStreaming,
    form: z.ZodType<Answer>,
    options: AskOptions,
  ): Promise<Answer>;

  /** Requests under way, and those that wait for their turn. */
  load(): { readonly running: number; readonly waiting: number };
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
  /** The kept answer, of whatever form; undefined where there is none, or only a part of one. */
  get(key: Sha256, options: { readonly signal?: AbortSignal | undefined }): Promise<unknown>;
  put(key: Sha256, answer: unknown, options: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}
