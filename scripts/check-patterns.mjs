// Regular expressions of the tree whose time grows faster than the text they look at. `npm run check` runs it; a text from a
// stranger would otherwise stop a process that has deadlines to keep.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync, Visitor } from 'oxc-parser';

// The checker's engine in JavaScript; the faster ones are programs to be downloaded.
process.env.RECHECK_BACKEND = 'pure';
const { checkSync } = await import('recheck');

const root = path.resolve(fileURLToPath(import.meta.url), '../..');
/** Methods that make a regular expression of a text. */
const MATCHERS = new Set(['match', 'matchAll', 'search']);
/** How a line says why a pattern that is put together at run time is linear. */
const REASON = /\/\/ linear: \S/;

/**
 * Finds the patterns of a source text: literals, and what is given to RegExp, match, matchAll and search. `pattern` is undefined
 * where it is put together at run time.
 */
function patternsOf(file, text) {
  const found = [];
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0].message}`);
  const note = ({ start }, pattern, flags) =>
    found.push({ line: text.slice(0, start).split('\n').length, pattern, flags });
  const ofRegExp = (node) => {
    if (node.callee.type !== 'Identifier' || node.callee.name !== 'RegExp') return;
    const [pattern, flags] = node.arguments;
    // A copy of a pattern that stands somewhere else is looked at there.
    if (pattern?.type === 'Literal' && pattern.regex) return;
    note(node, textOf(pattern), flags === undefined ? '' : textOf(flags));
  };
  new Visitor({
    Literal(node) {
      if (node.regex) note(node, node.regex.pattern, node.regex.flags);
    },
    NewExpression: ofRegExp,
    CallExpression(node) {
      ofRegExp(node);
      const { callee } = node;
      if (callee.type !== 'MemberExpression' || callee.computed || !MATCHERS.has(callee.property.name)) return;
      const pattern = textOf(node.arguments[0]);
      if (pattern !== undefined) note(node, pattern, '');
    },
  }).visit(program);
  return found;
}

/** The value of a literal text in the source. */
function textOf(node) {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node?.type === 'TemplateLiteral' && node.expressions.length === 0) return node.quasis[0].value.cooked;
  return undefined;
}

/**
 * Why a pattern may take more than linear time; undefined where it is known not to. A repeat with a near bound only adds a
 * constant factor, so that a shorter one stands for it; one with a far bound is taken as one without.
 */
function troubleOf(pattern, flags) {
  // Alternatives are tried one after another: together they are as fast as the slowest of them.
  return alternativesOf(pattern)
    .map((alternative) => troubleOfOne(alternative, flags))
    .find((trouble) => trouble !== undefined);
}

/** The alternatives that a pattern consists of: its parts between the bars outside of groups and classes. */
function alternativesOf(pattern) {
  const parts = [''];
  let [depth, inClass, isEscaped] = [0, false, false];
  for (const sign of pattern) {
    const isPlain = !isEscaped && !inClass;
    if (isPlain && sign === '(') depth += 1;
    if (isPlain && sign === ')') depth -= 1;
    if (!isEscaped && sign === '[') inClass = true;
    if (!isEscaped && sign === ']') inClass = false;
    isEscaped = !isEscaped && sign === '\\';
    if (isPlain && sign === '|' && depth === 0) parts.push('');
    else parts[parts.length - 1] += sign;
  }
  return parts;
}

function troubleOfOne(pattern, flags) {
  // Without such a repeat a match is as long as the pattern says, wherever it begins.
  if (!/[*+{]/.test(pattern.replaceAll(/\\.|\{\d(?:,\d)?\}|\{10\}/g, ''))) return undefined;
  const repeats = [...pattern.matchAll(REPEAT)].map(([, least, most]) => [Number(least), Number(most ?? least)]);
  const factor = repeats.reduce((product, [least, most]) => (most > least ? product * most : product), 1);
  const isShort = (most) => factor <= MAX_FACTOR && most <= MAX_REPEAT;
  const simpler = pattern.replaceAll(REPEAT, (repeat, least, most) => {
    if (most === '') return repeat;
    if (isShort(Number(most ?? least))) return `{${Math.min(Number(least), 2)},2}`;
    return least === '0' ? '*' : '+';
  });
  const { status, complexity, error } = checkSync(simpler, flags, { checker: 'automaton', timeout: 30_000 });
  if (status === 'safe') return undefined;
  return status === 'vulnerable' ? complexity.summary : `not known to be linear (${error.kind})`;
}

/** `{least}`, `{least,}` and `{least,most}`. */
const REPEAT = /\{(\d{1,9})(?:,(\d{0,9}))?\}/g;
/** A repeat that may be longer counts as one without a bound. */
const MAX_REPEAT = 500;
/** How much slower repeats with bounds may make a pattern, all together; beyond, they count as without a bound. */
const MAX_FACTOR = 100_000;

/** The troubles of a source text, a sentence each. */
export function troublesIn(file, text) {
  const lines = text.split('\n');
  return patternsOf(file, text).flatMap(({ line, pattern, flags }) => {
    const at = `${file}:${line}`;
    if (pattern === undefined || flags === undefined) {
      if ([line - 1, line - 2].some((index) => REASON.test(lines[index] ?? ''))) return [];
      return [`${at}: a pattern that is put together at run time; say why it is linear: // linear: REASON`];
    }
    const trouble = troubleOf(pattern, flags);
    return trouble === undefined ? [] : [`${at}: /${pattern}/${flags}: ${trouble}`];
  });
}

/** Every source file of the project: what runs in it, not what tests it. */
function sourceFiles() {
  const places = ['packages', 'services'].flatMap((parent) =>
    readdirSync(path.join(root, parent)).flatMap((name) =>
      ['src', 'bin'].map((folder) => path.join(parent, name, folder)),
    ),
  );
  return [...places, 'scripts']
    .filter((place) => existsSync(path.join(root, place)))
    .flatMap((place) => readdirSync(path.join(root, place), { recursive: true }).map((file) => path.join(place, file)))
    .filter((file) => /\.[cm]?[jt]sx?$/.test(file) && !file.includes('node_modules'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = sourceFiles();
  const troubles = files.flatMap((file) => troublesIn(file, readFileSync(path.join(root, file), 'utf8')));
  for (const trouble of troubles) console.error(trouble);
  console.error(`${files.length} files, ${troubles.length} patterns that are not linear`);
  process.exit(troubles.length === 0 && files.length > 0 ? 0 : 1);
}
