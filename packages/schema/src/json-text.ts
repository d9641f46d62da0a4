/** The deepest nesting of arrays and objects that is read. Our formats need about ten. */
const MAX_DEPTH = 64;
const [QUOTE, COMMA, BRACKET, BRACE] = [0x22, 0x2c, 0x5b, 0x7b];
/** The most values that are read of one text. The largest document there may be, a match of 10 000 duels, has some 400 000. */
const MAX_VALUES = 500_000;
/** The most entries of one list or object. */
const MAX_ENTRIES = 20_000;

/**
 * Reads JSON as every state file is read: so that all readers see one and the same document.
 *
 * What two readers could take for two different documents is refused, although `JSON.parse` lets it pass: a key that
 * stands twice in an object (RFC 8259 leaves open which one counts), `__proto__` as a key (lost when copied), a number
 * beyond the doubles (read as Infinity, written as null), and nesting so deep that comparing would overflow the stack.
 * What takes far more room once it is read than it takes as a text is refused too: millions of values, which come in a
 * few hundred kilobytes where the text is compressed.
 * A byte order mark, which some editors put in front, is skipped.
 *
 * @throws SyntaxError saying what is wrong with the text.
 */
export function parseJson(text: string): unknown {
  const json = withoutByteOrderMark(text);
  // A value takes two characters at least.
  if (json.length > 2 * MAX_VALUES) refuseManyValues(json);
  const value: unknown = JSON.parse(json);
  const keys = countKeys(value, 0);
  if (keys !== countKeyTokens(json)) throw new SyntaxError(`the key ${repeatedKey(json)} stands twice in one object`);
  return value;
}

/** The text without the byte order mark that some editors begin a file with. */
export function withoutByteOrderMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** The number of keys in all objects of a value. @throws SyntaxError for what copying or comparing would lose. */
function countKeys(value: unknown, depth: number): number {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new SyntaxError('a number is too large');
  if (typeof value !== 'object' || value === null) return 0;
  if (depth >= MAX_DEPTH) throw new SyntaxError(`nested more than ${MAX_DEPTH} deep`);
  let count = 0;
  if (Array.isArray(value)) {
    refuseManyEntries(value.length);
    for (const item of value) count += countKeys(item, depth + 1);
    return count;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(fields);
  refuseManyEntries(names.length);
  for (const key of names) {
    if (key === '__proto__') throw new SyntaxError('"__proto__" cannot be a key');
    count += 1 + countKeys(fields[key], depth + 1);
  }
  return count;
}

/** @throws SyntaxError for a list or object with more entries than are read. */
function refuseManyEntries(count: number): void {
  if (count > MAX_ENTRIES) throw new SyntaxError(`more than ${MAX_ENTRIES} entries in one list or object`);
}

/** Counts what begins a value without reading any. @throws SyntaxError for more than are read. */
function refuseManyValues(json: string): void {
  let count = 1;
  for (let at = 0; at < json.length; at += 1) {
    const character = json.charCodeAt(at);
    if (character === QUOTE) at = endOfString(json, at) - 1;
    else if (character === COMMA || character === BRACKET || character === BRACE) count += 1;
    if (count > MAX_VALUES) throw new SyntaxError(`more than ${MAX_VALUES} values`);
  }
}

/** The number of keys in a valid JSON text. A key is a string before a colon. */
function countKeyTokens(json: string): number {
  let count = 0;
  for (let start = json.indexOf('"'); start !== -1; ) {
    const end = endOfString(json, start);
    const next = skipBlanks(json, end);
    if (json[next] === ':') count += 1;
    start = json.indexOf('"', next);
  }
  return count;
}

/** Where the string that begins at `start` is over, in a valid JSON text. */
function endOfString(json: string, start: number): number {
  for (let quote = json.indexOf('"', start + 1); quote !== -1; quote = json.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (json[quote - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return json.length;
}

function skipBlanks(json: string, from: number): number {
  let at = from;
  while (json[at] === ' ' || json[at] === '\n' || json[at] === '\r' || json[at] === '\t') at += 1;
  return at;
}

/** The first key that an object of a valid JSON text repeats, as it stands there, shortened. */
function repeatedKey(json: string): string {
  const open: Set<string>[] = [];
  for (let at = 0; at < json.length; ) {
    const character = json[at];
    if (character === '"') {
      const end = endOfString(json, at);
      const next = skipBlanks(json, end);
      if (json[next] === ':') {
        const key = JSON.parse(json.slice(at, end)) as string;
        if (open.at(-1)?.has(key) === true) return json.slice(at, Math.min(end, at + 100));
        open.at(-1)?.add(key);
      }
      at = next;
      continue;
    }
    if (character === '{') open.push(new Set());
    if (character === '}') open.pop();
    at += 1;
  }
  return '';
}
