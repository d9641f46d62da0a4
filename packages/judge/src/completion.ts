import { z } from 'zod';

/**
 * Longest text of an answer that is looked at, in characters. An answer has at most 1024 tokens, reasoning aside; what
 * is longer is refused unread.
 */
const MAX_TEXT = 100_000;

const Part = z.object({ type: z.string(), text: z.string().nullish(), refusal: z.string().nullish() });

const Choice = z.object({
  finish_reason: z.string().nullish(),
  error: z.unknown().optional(),
  message: z
    .object({
      content: z.union([z.string(), z.array(Part).max(1000)]).nullish(),
      refusal: z.string().nullish(),
      reasoning_content: z.string().nullish(),
      reasoning: z.string().nullish(),
      tool_calls: z.array(z.unknown()).nullish(),
    })
    .nullish(),
});

/** What a chat completion must have for us to read it. Endpoints add and leave out all sorts of other things. */
const Completion = z.object({ error: z.unknown().optional(), choices: z.array(Choice).nullish() });

/** Endpoints' errors are objects with a code and a text, or only a text. */
const EndpointError = z.union([
  z.string().min(1),
  z.looseObject({ code: z.union([z.string(), z.number()]).nullish(), message: z.string().nullish() }),
]);

/** What came with a good HTTP status, read as far as it can be. */
export interface Completed {
  /** Code and text of an error that is told in place of an answer. */
  readonly error: string | undefined;
  /** What is wrong with the body as a whole: empty, not JSON, no completion, without a choice. */
  readonly broken: string | undefined;
  readonly finishReason: string | undefined;
  readonly refusal: string | undefined;
  /** The answer's text, all its parts joined; undefined where it is longer than may be looked at. */
  readonly text: string | undefined;
  /** Why there may be no text: the model called a tool, or only thought. */
  readonly instead: string | undefined;
}

const NOTHING: Completed = {
  error: undefined,
  broken: undefined,
  finishReason: undefined,
  refusal: undefined,
  text: '',
  instead: undefined,
};

/**
 * Reads the body of a good HTTP status: a chat completion, or what gateways send in its place.
 *
 * @param body - The body as parsed JSON, or as a text where it was not labelled as JSON.
 * @see https://platform.openai.com/docs/api-reference/chat/object
 * @see https://openrouter.ai/docs/api-reference/errors for errors that come with status 200
 */
export function readCompletion(body: unknown): Completed {
  const json = typeof body === 'string' ? parseJson(body) : body;
  if (json === undefined || json === null) return { ...NOTHING, broken: describeBody(body) };
  const parsed = Completion.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { ...NOTHING, broken: `not a chat completion: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}` };
  }
  const [choice] = parsed.data.choices ?? [];
  const error = errorText(parsed.data.error) ?? errorText(choice?.error);
  if (choice === undefined) return { ...NOTHING, error, broken: 'a completion without a choice' };
  const { message, finish_reason: finishReason } = choice;
  const parts = Array.isArray(message?.content) ? message.content : [{ type: 'text', text: message?.content }];
  return {
    error: error ?? (finishReason === 'error' ? 'the choice ends with an error' : undefined),
    broken: undefined,
    finishReason: finishReason?.slice(0, 100),
    refusal: message?.refusal || parts.find(({ refusal }) => refusal)?.refusal || undefined,
    text: joined(parts.map(({ text }) => text ?? '')),
    instead: message?.tool_calls?.length
      ? 'it calls a tool'
      : message?.reasoning_content || message?.reasoning
        ? 'there is only its reasoning'
        : undefined,
  };
}

function joined(texts: readonly string[]): string | undefined {
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  return length > MAX_TEXT ? undefined : texts.join('');
}

/** JSON whatever it is labelled as: some gateways call it text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function describeBody(body: unknown): string {
  if (typeof body !== 'string' || body.trim() === '') return 'an empty body';
  return `a body that is not JSON: ${JSON.stringify(body.slice(0, 120))}`;
}

/** Longest text of an error that is passed on. Cut again once our key is taken out of it: half a key must not stay. */
const MAX_ERROR = 2000;

/** An error's code and text; undefined where there is none. */
function errorText(error: unknown): string | undefined {
  if (error === undefined || error === null) return undefined;
  const parsed = EndpointError.safeParse(error);
  if (!parsed.success) return `error ${JSON.stringify(error).slice(0, MAX_ERROR)}`;
  if (typeof parsed.data === 'string') return `error: ${parsed.data.slice(0, MAX_ERROR)}`;
  const { code, message } = parsed.data;
  return `error ${code ?? 'without a code'}: ${(message ?? JSON.stringify(error)).slice(0, MAX_ERROR)}`;
}
