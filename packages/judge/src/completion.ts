import { z } from 'zod';
import { describeErrorBody, errorText, MAX_ERROR } from './error-text.js';

/**
 * Longest text of an answer that is looked at, in characters. An answer has at most 1024 tokens, reasoning aside; what
 * is longer is refused unread.
 */
const MAX_TEXT = 100_000;
/** Parts of an answer that are looked at. */
const MAX_PARTS = 1000;

/** A field that an answer can be read without: of another type, it is not there. */
const Text = z.string().optional().catch(undefined);

const Choice = z.object({
  finish_reason: Text,
  error: z.unknown().optional(),
  message: z
    .object({
      content: z.unknown().optional(),
      refusal: Text,
      reasoning_content: z.unknown().optional(),
      reasoning: z.unknown().optional(),
      tool_calls: z.unknown().optional(),
    })
    .nullish(),
});

/** What a chat completion must have for us to read it. Endpoints add and leave out all sorts of other things. */
const Completion = z.object({ error: z.unknown().optional(), choices: z.array(Choice).nullish() });

/** The parts of an answer that say something: what it thought, called or drew is none of it. */
const Part = z.union([
  z.string().transform((text) => ({ text, refusal: undefined })),
  z
    .object({ type: z.enum(['text', 'output_text']).nullish(), text: z.string() })
    .transform(({ text }) => ({ text, refusal: undefined })),
  z.object({ refusal: z.string() }).transform(({ refusal }) => ({ text: '', refusal })),
  z.unknown().transform(() => ({ text: '', refusal: undefined })),
]);
type Part = z.infer<typeof Part>;

/** What came with a good HTTP status, read as far as it can be. */
export interface Completed {
  /** Code and text of an error in place of an answer. */
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
  if (!parsed.success) return { ...NOTHING, broken: `no chat completion: ${describeErrorBody(json)}` };
  const [choice] = parsed.data.choices ?? [];
  const error = errorText(parsed.data.error) ?? errorText(choice?.error);
  if (choice === undefined) return { ...NOTHING, error, broken: `no answer: ${describeErrorBody(json)}` };
  const { message, finish_reason: finishReason } = choice;
  // A piece of a stream, or no chat answer: its sender did not ask the model what we asked.
  if (!message) return { ...NOTHING, error, broken: 'a choice without a message' };
  const parts = partsOf(message.content);
  return {
    error: error ?? (finishReason === 'error' ? 'the choice ends with an error' : undefined),
    broken: undefined,
    finishReason: finishReason?.slice(0, 100),
    refusal: message.refusal || parts?.find(({ refusal }) => refusal)?.refusal,
    text: parts && joined(parts),
    instead:
      Array.isArray(message.tool_calls) && message.tool_calls.length > 0
        ? 'it calls a tool'
        : message.reasoning_content || message.reasoning
          ? 'there is only its reasoning'
          : undefined,
  };
}

/** The parts of a content, which is a text or a list; undefined where there are more than may be looked at. */
function partsOf(content: unknown): readonly Part[] | undefined {
  const list = Array.isArray(content) ? content : [content];
  return list.length > MAX_PARTS ? undefined : list.map((part) => Part.parse(part));
}

function joined(parts: readonly Part[]): string | undefined {
  const length = parts.reduce((sum, { text }) => sum + text.length, 0);
  return length > MAX_TEXT ? undefined : parts.map(({ text }) => text).join('');
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
  return `a body that is not JSON: ${JSON.stringify(body.slice(0, MAX_ERROR))}`;
}
