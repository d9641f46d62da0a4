import { type StateFileName, stateFiles } from '@tiltyard/schema/gen3d';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CERTAINLY_VALID } from '../../src/gen3d/certainly-valid.js';
import { smallHistory } from '../support/history.js';

const NAMES = Object.keys(CERTAINLY_VALID) as StateFileName[];
const PATHS: Readonly<Partial<Record<StateFileName, RegExp>>> = {
  matchReport: /duels_/,
  submitted: /submitted/,
  generated: /generated/,
};

/** Real files of a kind, whose fields tests change. */
function samples(name: StateFileName): readonly string[] {
  return (['ours', 'reference'] as const).flatMap((dialect) =>
    smallHistory(dialect).flatMap(({ files }) =>
      [...files].flatMap(([path, text]) => (PATHS[name]?.test(path) === true && text !== null ? [text] : [])),
    ),
  );
}

const junk = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    'x',
    'leader',
    'left',
    0,
    -0.5,
    0.5,
    2,
    2.0005,
    -1,
    1e308,
    2 ** 53,
    [],
    {},
    true,
    'constructor',
    'a'.repeat(201),
    'b'.repeat(2049),
    'c'.repeat(20_001),
    'd'.repeat(64),
    '1'.repeat(47),
    { code: 'http_404', message: '' },
    { code: 'Not this', message: '' },
    { models: ['m'], strategy: 's' },
    { lower: 0, upper: 1 },
  ),
  fc.json().map((text) => JSON.parse(text) as unknown),
  fc.string(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const FIELDS = [
  'left',
  'right',
  'score',
  'margin',
  'duels',
  'judge',
  'confidence',
  'amendment',
  'name',
  'prompt',
  'left_glb',
  'right_png',
  'winner',
  'issues',
  'detail',
  'evidence',
  'glb',
  'png',
  'generation_time',
  'size',
  'attempts',
  'distance',
  'glb_sha256',
  'views',
  'error',
  'duplicates',
  'download_seconds',
  'draw_seconds',
  '__proto__',
  'constructor',
  'note',
  'models',
];

describe('the quick look at a file', () => {
  it.each(NAMES)('accepts every ordinary %s, so that it saves what it is for', (name) => {
    const isValid = CERTAINLY_VALID[name];
    // Flags of copies are rare: the schema is asked about them.
    const ordinary = samples(name).filter((text) => !text.includes('"duplicates"'));
    expect(ordinary.length).toBeGreaterThan(samples(name).length / 2);
    for (const text of ordinary) expect(isValid?.(JSON.parse(text))).toBe(true);
  });

  it.each(NAMES)('accepts no %s that the schema refuses or would change', (name) => {
    const texts = samples(name);
    fc.assert(
      fc.property(
        fc.nat(),
        fc.array(fc.tuple(fc.nat(), fc.option(fc.constantFrom(...FIELDS)), junk), { minLength: 1, maxLength: 2 }),
        (pick, edits) => {
          const value = JSON.parse(texts[pick % texts.length] ?? '') as unknown;
          for (const [place, field, what] of edits) put(value, place, field, what);
          // As a file would hold it: through text.
          const read = JSON.parse(JSON.stringify(value)) as unknown;
          if (CERTAINLY_VALID[name]?.(read) !== true) return;
          const result = stateFiles[name].codec.schema.safeParse(read);
          expect(result.error?.issues).toBeUndefined();
          expect(result.data).toEqual(read);
        },
      ),
      { numRuns: 400 },
    );
  });
});

/** Puts something at the n-th place of a document: over the field there, or under another name beside it. */
function put(document: unknown, place: number, field: string | null, what: unknown): void {
  const places: { readonly holder: object; readonly key: string }[] = [];
  const visit = (node: unknown, depth: number) => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push({ holder: node, key });
      if (depth < 3) visit(Reflect.get(node, key), depth + 1);
    }
  };
  visit(document, 0);
  const chosen = places[place % Math.max(1, Math.min(places.length, 60))];
  if (chosen === undefined) return;
  const descriptor = { value: what, enumerable: true, configurable: true, writable: true };
  Object.defineProperty(chosen.holder, field ?? chosen.key, descriptor);
}
