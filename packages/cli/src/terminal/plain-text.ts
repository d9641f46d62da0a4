/** What a terminal might obey: control characters, C1 controls, and marks that reorder text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be replaced
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Untrusted text, safe to show on a terminal: no control character stays, tabs and line breaks do.
 *
 * What miners and models wrote reaches the state repository; a colour code in it would be harmless, but an escape
 * sequence can rewrite the lines above it.
 */
export function plainText(text: string): string {
  return text.replaceAll(OBEYED, '\ufffd');
}

/** A value in which every text is {@link plainText}: objects, arrays and maps are copied, the rest is kept. */
export function plainTexts<T>(value: T): T {
  return copied(value) as T;
}

function copied(value: unknown): unknown {
  if (typeof value === 'string') return plainText(value);
  if (Array.isArray(value)) return value.map(copied);
  if (value instanceof Map) return new Map([...value].map(([key, one]) => [copied(key), copied(one)]));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [copied(key), copied(one)]));
}
