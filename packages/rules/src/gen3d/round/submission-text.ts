/** A submission's texts are a few hundred bytes; the chain cannot hold more than 1024. */
export const MAX_SUBMISSION_CHARS = 4096;

/** The fields that an entry may give, as written: their form is judged after entries are merged. */
export const SUBMISSION_FIELDS = ['repo', 'commit', 'cdn_url'] as const;

/** Any of a submission's fields. A field that the text does not give is absent. */
export type SubmissionFields = { readonly [F in (typeof SUBMISSION_FIELDS)[number]]?: string };

/** Why a text is not an entry, in words that its miner can act on. */
export type SubmissionTextFault =
  | { readonly code: 'too_long'; readonly chars: number }
  | { readonly code: 'not_json' }
  | { readonly code: 'not_an_object' }
  | { readonly code: 'field_not_text'; readonly field: string }
  | { readonly code: 'no_fields' };

export type SubmissionText =
  | { readonly ok: true; readonly fields: SubmissionFields }
  | { readonly ok: false; readonly fault: SubmissionTextFault };

/**
 * Reads one commitment's text as an entry: a JSON object with any of `repo`, `commit`, `cdn_url`; other keys are
 * ignored, and single-quoted strings (Python's way to print a dictionary) are tolerated. Never throws.
 *
 * Whether the values are valid, and which entry wins, is decided where entries are merged.
 * @see docs/rules.md#submissions
 */
export function parseSubmissionText(text: string): SubmissionText {
  if (text.length > MAX_SUBMISSION_CHARS) return refuse({ code: 'too_long', chars: text.length });
  const value = parseTolerantly(text);
  if (value === undefined) return refuse({ code: 'not_json' });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse({ code: 'not_an_object' });

  const fields: { -readonly [F in keyof SubmissionFields]: SubmissionFields[F] } = {};
  for (const field of SUBMISSION_FIELDS) {
    const given: unknown = Object.hasOwn(value, field) ? (value as Record<string, unknown>)[field] : undefined;
    if (given === undefined || given === null) continue;
    if (typeof given !== 'string') return refuse({ code: 'field_not_text', field });
    fields[field] = given;
  }
  return Object.keys(fields).length === 0 ? refuse({ code: 'no_fields' }) : { ok: true, fields };
}

function refuse(fault: SubmissionTextFault): SubmissionText {
  return { ok: false, fault };
}

/** The value of a JSON text, strictly or else with its single-quoted strings rewritten; undefined if neither parses. */
function parseTolerantly(text: string): unknown {
  return parseJson(text) ?? parseJson(doubleQuoted(text));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** One string in either quotes, with its escapes, or a single character outside of strings. */
const TOKEN = /"(?:[^"\\]|\\.)*"?|'((?:[^'\\]|\\.)*)'?|./gs;

/** Rewrites single-quoted strings as JSON strings; text in double quotes is left alone. */
function doubleQuoted(text: string): string {
  return text.replace(TOKEN, (token: string, single: string | undefined) =>
    single === undefined ? token : `"${single.replaceAll(/\\(.)|"/g, requote)}"`,
  );
}

function requote(match: string, escaped: string | undefined): string {
  if (match === '"') return '\\"';
  return escaped === "'" ? "'" : match;
}
