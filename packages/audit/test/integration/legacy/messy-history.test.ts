import type { SyntheticCommit } from '@tiltyard/audit-testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Dialect, explainRound, RULE_IDS, reportText } from '../../../src/gen3d/index.js';
import { auditCommits, smallHistory } from '../../support/history.js';

/** What a messy history does to one file of one commit. `at` picks a place in a text or document, from 0 to 1. */
interface Mess {
  readonly commit: number;
  readonly file: number;
  readonly kind: 'delete' | 'cut' | 'flip' | 'replace' | 'field' | 'drop' | 'swap' | 'message';
  readonly at: number;
  readonly junk: unknown;
}

const junk = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    0,
    -1,
    1e308,
    2 ** 53,
    Number.MAX_SAFE_INTEGER,
    [],
    {},
    'leader',
    true,
    '\u0000',
    '__proto__',
    'constructor',
  ),
  fc.json().map((text) => JSON.parse(text) as unknown),
);
const mess: fc.Arbitrary<Mess> = fc.record({
  commit: fc.nat(),
  file: fc.nat(),
  kind: fc.constantFrom<Mess['kind'][]>('delete', 'cut', 'flip', 'replace', 'field', 'drop', 'swap', 'message'),
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  junk,
});

describe('messy histories', () => {
  it.each(['ours', 'reference'] as const)('in the dialect of %s give findings, never a crash', async (dialect) => {
    await fc.assert(
      fc.asyncProperty(fc.array(mess, { minLength: 1, maxLength: 6 }), async (messes) => {
        const report = await auditCommits(messes.reduce(makeMess, smallHistory(dialect)), { dialect });
        expect(report.commits).toBe(smallHistory(dialect).length);
        for (const { rule, severity, detail } of report.findings) {
          expect(RULE_IDS).toContain(rule);
          expect(['error', 'warn', 'info']).toContain(severity);
          expect(detail).not.toBe('');
        }
        expect(report.ok).toBe(!report.findings.some(({ severity }) => severity === 'error'));
        expect(reportText(report).startsWith('No errors')).toBe(report.ok);
        for (const round of report.stories.keys()) expect(explainRound(report, round)).toContain(`Round ${round}`);
      }),
      { numRuns: RUNS[dialect], endOnFailure: true, examples: [[[UNPRINTABLE]]] },
    );
  });
});

/** What `String` cannot print: a random run met it once. */
const UNPRINTABLE: Mess = { commit: 1, file: 0, kind: 'message', at: 0, junk: { toString: true } };

const RUNS: Readonly<Record<Dialect, number>> = { ours: 20, reference: 12 };

function makeMess(
  commits: readonly SyntheticCommit[],
  { commit, file, kind, at, junk: value }: Mess,
): readonly SyntheticCommit[] {
  const index = commit % commits.length;
  return commits.map((one, position) => {
    if (position !== index) return one;
    if (kind === 'message') return { ...one, message: textOf(value) || 'nothing' };
    const paths = [...one.files.keys()];
    const path = paths[file % paths.length] ?? '';
    const text = one.files.get(path) ?? '';
    const changed = kind === 'delete' ? null : changeText(text, kind, at, value);
    return { ...one, files: new Map([...one.files, [path, changed]]) };
  });
}

/** Any JSON value as text. `String` would call its `toString`, which junk may hold as a field. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function changeText(
  text: string,
  kind: Exclude<Mess['kind'], 'delete' | 'message'>,
  at: number,
  value: unknown,
): string {
  const place = Math.floor(text.length * at);
  switch (kind) {
    case 'cut':
      return text.slice(0, place);
    case 'flip':
      return `${text.slice(0, place)}${String.fromCharCode((text.charCodeAt(place) || 32) ^ 1)}${text.slice(place + 1)}`;
    case 'replace':
      return textOf(value);
    default:
      return changeDocument(text, kind, at, value);
  }
}

/** Changes one field somewhere in a JSON document; a line of anything else. */
function changeDocument(text: string, kind: 'field' | 'drop' | 'swap', at: number, value: unknown): string {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    const lines = text.split('\n');
    lines.splice(Math.floor(lines.length * at), 1, ...(kind === 'drop' ? [] : [textOf(value)]));
    return lines.join('\n');
  }
  const places: { readonly holder: Record<string, unknown>; readonly key: string }[] = [];
  const visit = (node: unknown) => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, child] of Object.entries(node)) {
      places.push({ holder: node as Record<string, unknown>, key });
      visit(child);
    }
  };
  visit(document);
  const place = places[Math.floor(places.length * at)];
  if (place === undefined) return JSON.stringify(value);
  const { holder, key } = place;
  if (kind === 'drop') Reflect.deleteProperty(holder, key);
  else if (kind === 'field') holder[key] = value;
  else holder[key] = structuredClone(places[0]?.holder[places[0].key]);
  return JSON.stringify(document);
}
