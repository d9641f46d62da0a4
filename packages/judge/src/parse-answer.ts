import { z } from 'zod';

/** What a chat completion must have for us to read it. Endpoints add and leave out all sorts of other things. */
const Completion = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().max(100).nullish(),
        message: z.object({ content: z.string().max(100_000).nullish(), refusal: z.string().nullish() }),
      }),
    )
    .min(1),
});

/** Endpoints without enforced schemas like to wrap JSON in a Markdown fence. */
const FENCE = /^```(?:json)?\s*\n([\s\S]*)\n\s*```$/;

export type ParsedAnswer<Answer> =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly problem: string };

/**
 * Reads a model's answer out of a chat completion. Anything but one JSON document of the right form is nonsense: a
 * number outside its range is not clipped, and JSON is not fished out of prose.
 */
export function parseAnswer<Answer>(completion: unknown, form: z.ZodType<Answer>): ParsedAnswer<Answer> {
  const parsed = Completion.safeParse(completion);
  if (!parsed.success) return nonsense('is not a chat completion', parsed.error);
  const [choice] = parsed.data.choices;
  const { content, refusal } = choice?.message ?? {};
  if (refusal) return { ok: false, problem: `the model refuses: ${refusal.slice(0, 200)}` };
  if (!content) return { ok: false, problem: `the answer is empty (${choice?.finish_reason ?? 'no reason given'})` };
  let json: unknown;
  try {
    json = JSON.parse(FENCE.exec(content.trim())?.[1] ?? content);
  } catch {
    const cutOff = choice?.finish_reason === 'length' ? ', cut off at its longest' : '';
    return { ok: false, problem: `the answer is not JSON${cutOff}: ${JSON.stringify(content.slice(0, 120))}` };
  }
  const answer = form.safeParse(json);
  return answer.success ? { ok: true, answer: answer.data } : nonsense('the answer', answer.error);
}

function nonsense(what: string, error: z.ZodError): ParsedAnswer<never> {
  const issue = error.issues[0];
  return { ok: false, problem: `${what}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.slice(0, 300) };
}
