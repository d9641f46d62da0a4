import { z } from 'zod';

/** Longest text of an error that is passed on. Cut again once our key is taken out of it: half a key must not stay. */
export const MAX_ERROR = 2000;

const Code = z.union([z.string(), z.number()]).optional().catch(undefined);
const Text = z.string().optional().catch(undefined);

/** Endpoints' errors are objects with a code and a text, or only a text. Gateways add the words of the host behind them. */
const EndpointError = z.looseObject({
  code: Code,
  message: Text,
  metadata: z.object({ raw: Text }).optional().catch(undefined),
});

/**
 * An error's code and text; undefined where there is none: gateways fill the field of an error that did not happen with
 * null, false, an empty text or an empty object.
 */
export function errorText(error: unknown): string | undefined {
  if (!error || (typeof error === 'object' && Object.keys(error).length === 0)) return undefined;
  if (typeof error === 'string') return `error: ${error.slice(0, MAX_ERROR)}`;
  const parsed = EndpointError.safeParse(error);
  const { code, message, metadata } = parsed.success ? parsed.data : {};
  if (message === undefined) return `error ${JSON.stringify(error).slice(0, MAX_ERROR)}`;
  const behind = metadata?.raw === undefined ? '' : ` (${metadata.raw.slice(0, MAX_ERROR)})`;
  return `error ${code ?? 'without a code'}: ${message.slice(0, MAX_ERROR)}${behind}`;
}

/**
 * What a body says that holds an error and no answer, in whichever of the common shapes: `{error: …}` (OpenAI, OpenRouter,
 * Azure, TGI), the same in a list (Gemini), `{message}` (vLLM, AWS), `{detail}` (FastAPI), or no JSON at all.
 *
 * @param body - Parsed JSON, or a text.
 */
export function describeErrorBody(body: unknown): string {
  const json = typeof body === 'string' ? jsonOrText(body) : body;
  const one: unknown = Array.isArray(json) ? json[0] : json;
  const inner = typeof one === 'object' && one !== null && 'error' in one ? one.error : one;
  return errorText(inner) ?? errorText(one) ?? 'without a word';
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text.trim();
  }
}
