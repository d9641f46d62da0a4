import { type Sha256, Sha256 as Sha256Schema } from '@tiltyard/schema';
import { sha256Of } from '@tiltyard/store';
import type {
  ChatCompletionContentPart,
  ChatCompletionCreateParamsNonStreaming,
} from 'openai/resources/chat/completions';
import type { z } from 'zod';

/** One question to one model: what it is shown, and what form its answer must have. */
export interface Question<Answer> {
  readonly model: string;
  readonly seed: number;
  readonly temperature: number;
  readonly instructions: string;
  readonly content: readonly ChatCompletionContentPart[];
  /** Name of the answer's form, for the endpoint. */
  readonly name: string;
  /** The answer's form as the endpoint enforces it … */
  readonly jsonSchema: Readonly<Record<string, unknown>>;
  /** … and as we check it, since not every endpoint does. */
  readonly answer: z.ZodType<Answer>;
}

/** A model that has not come to the point by then does not get there. */
const MAX_ANSWER_TOKENS = 1024;

/** The request as it is sent. Fields are always in this order, so that equal questions are equal bytes. */
export function requestOf(question: Question<unknown>): ChatCompletionCreateParamsNonStreaming {
  return {
    model: question.model,
    messages: [
      { role: 'system', content: question.instructions },
      { role: 'user', content: [...question.content] },
    ],
    temperature: question.temperature,
    seed: question.seed,
    max_completion_tokens: MAX_ANSWER_TOKENS,
    response_format: {
      type: 'json_schema',
      json_schema: { name: question.name, strict: true, schema: question.jsonSchema },
    },
  };
}

/**
 * The name of a request: the SHA-256 of the body that is sent. A match that is judged again (`attempt` > 0) asks
 * again, so its number goes into the name.
 */
export function requestKey(request: ChatCompletionCreateParamsNonStreaming, attempt: number): Sha256 {
  const first = sha256Of(JSON.stringify(request));
  return attempt === 0 ? first : Sha256Schema.parse(sha256Of(`${first} attempt ${attempt}`));
}
