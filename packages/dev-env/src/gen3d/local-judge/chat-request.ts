import { z } from 'zod';

const Part = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string().max(100_000) }),
  z.object({ type: z.literal('image_url'), image_url: z.object({ url: z.string().max(4096) }) }),
]);

const Message = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: z.union([z.string().max(100_000), z.array(Part).max(64)]),
});

/** What the local judge reads of a chat completion's request. */
const ChatRequest = z.object({
  model: z.string().min(1).max(200),
  messages: z.array(Message).min(1).max(64),
  stream: z.literal(false).optional(),
  response_format: z
    .object({
      type: z.literal('json_schema'),
      json_schema: z.object({ schema: z.object({ properties: z.record(z.string(), z.unknown()) }) }),
    })
    .optional(),
});

/** Three pictures to compare: does the first or the second candidate look more like the prompt? */
export interface Comparison {
  readonly model: string;
  readonly promptUrl: string;
  readonly candidateUrls: readonly [first: string, second: string];
}

/** Why a request cannot be answered; the HTTP status is 400. */
export interface BadRequest {
  readonly problem: string;
}

/**
 * Reads the request of a pairwise judge: one prompt picture and two candidates, in this order, and an answer of
 * penalty_1, penalty_2 and issues. A judge that is no language model can answer nothing else.
 */
export function parseComparison(body: unknown): Comparison | BadRequest {
  const parsed = ChatRequest.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { problem: `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'is not usable'}` };
  }
  const { model, messages, response_format } = parsed.data;
  const fields = response_format?.json_schema.schema.properties;
  if (fields && !('penalty_1' in fields && 'penalty_2' in fields)) {
    return { problem: 'response_format: only answers with penalty_1, penalty_2 and issues are given here' };
  }
  const parts = messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content));
  const [promptUrl, first, second, ...more] = parts.flatMap((part) =>
    part.type === 'image_url' ? [part.image_url.url] : [],
  );
  if (promptUrl === undefined || first === undefined || second === undefined || more.length > 0) {
    return { problem: 'messages: three pictures are compared, the prompt first' };
  }
  return { model, promptUrl, candidateUrls: [first, second] };
}
