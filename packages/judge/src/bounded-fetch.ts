import { describeErrorBody } from './error-text.js';

/** An answer of a judge is a few hundred bytes; an error page is a few thousand. */
const MAX_RESPONSE_BYTES = 1024 * 1024;

/**
 * `fetch` whose bodies end at a limit, so that an endpoint that never stops cannot fill our memory. Redirects are
 * errors: the endpoint is configured, and its key goes nowhere else.
 *
 * The body of an error is put into the one shape that the client of the OpenAI API reads: of any other it would keep nothing,
 * and what an endpoint says decides whom an operator is pointed to.
 */
export async function boundedFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, { ...init, redirect: 'error' });
  if (!response.body) return response;
  let sizeBytes = 0;
  const limit = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > MAX_RESPONSE_BYTES) controller.error(new Error(`more than ${MAX_RESPONSE_BYTES} bytes`));
      else controller.enqueue(chunk);
    },
  });
  const { status, statusText, headers } = response;
  const bounded = new Response(response.body.pipeThrough(limit), { status, statusText, headers });
  if (response.ok) return bounded;
  const error = { message: describeErrorBody(await bounded.text()) };
  return new Response(JSON.stringify({ error }), { status, statusText, headers });
}
