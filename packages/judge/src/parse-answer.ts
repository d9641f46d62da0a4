import type { z } from 'zod';
import { type Completed, readCompletion } from './completion.js';

/** What came in place of an answer; see {@link SIGNS}. */
export type AnswerFault = 'unavailable' | 'nonsense' | 'declined';

export type ParsedAnswer<Answer> =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly code: AnswerFault; readonly problem: string };

interface Sign {
  readonly code: AnswerFault;
  /** Says what is wrong, or nothing where this sign is not there. */
  readonly problem: (completed: Completed) => string | false | undefined;
}

/**
 * What a body with a good HTTP status can be instead of an answer, and whose matter that is. The first sign decides.
 *
 * - `unavailable`: something between us and the model is out of order. An outage, whatever the status says.
 * - `declined`: the model, or a filter in front of it, says that it will not answer on what it is shown.
 * - `nonsense`: the model answers, but not what it was asked for. It says nothing about a picture.
 *
 * The name that an endpoint gives its model is no sign: aliases, dated versions and gateways' own names are all common.
 */
const SIGNS: readonly Sign[] = [
  { code: 'unavailable', problem: ({ error }) => error },
  { code: 'unavailable', problem: ({ broken }) => broken && `the endpoint sends ${broken}` },
  { code: 'declined', problem: ({ refusal }) => refusal && `the model refuses: ${refusal.slice(0, 2000)}` },
  {
    code: 'declined',
    problem: ({ finishReason: why }) => why === 'content_filter' && 'a content filter took the answer',
  },
  { code: 'nonsense', problem: ({ text }) => text === undefined && 'the answer is longer than may be read' },
  {
    code: 'nonsense',
    problem: ({ text, instead, finishReason: why }) =>
      text?.trim() === '' && `the answer is empty (${[instead, why ?? 'no reason given'].filter(Boolean).join(', ')})`,
  },
];

/**
 * Reads a model's answer out of a chat completion. Anything but one JSON document of the right form is no answer: a
 * number outside its range is not clipped, and JSON is not fished out of prose.
 *
 * @param completion - The body: parsed JSON, or a text.
 */
export function parseAnswer<Answer>(completion: unknown, form: z.ZodType<Answer>): ParsedAnswer<Answer> {
  const completed = readCompletion(completion);
  for (const { code, problem } of SIGNS) {
    const found = problem(completed);
    if (found) return { ok: false, code, problem: found };
  }
  const text = completed.text ?? '';
  let json: unknown;
  try {
    json = JSON.parse(withoutFence(text.trim()));
  } catch {
    const cutOff = completed.finishReason === 'length' ? ', cut off at its longest' : '';
    return nonsense(`the answer is not JSON${cutOff}: ${JSON.stringify(text.slice(0, 120))}`);
  }
  const answer = form.safeParse(json);
  if (answer.success) return { ok: true, answer: answer.data };
  const issue = answer.error.issues[0];
  return nonsense(`the answer: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}

function nonsense(problem: string): ParsedAnswer<never> {
  return { ok: false, code: 'nonsense', problem };
}

const FENCE = '```';

/** Endpoints without enforced schemas like to wrap JSON in a Markdown fence: what stands between its lines. One pass. */
function withoutFence(text: string): string {
  const firstLineEnd = text.indexOf('\n');
  if (!text.startsWith(FENCE) || !text.endsWith(FENCE) || firstLineEnd === -1) return text;
  const label = text.slice(FENCE.length, firstLineEnd).trim().toLowerCase();
  return label === '' || label === 'json' ? text.slice(firstLineEnd + 1, -FENCE.length) : text;
}
