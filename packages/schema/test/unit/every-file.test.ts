import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPage, gen3d, stateFiles } from '../../src/gen3d/index.js';
import { formatReference, sameValue } from '../../src/index.js';
import { VALID_FILES, validFile } from '../support/valid-files.js';

const NOTHING = { amendments: [], params: {} };

/** As the file's own text says it; a table's cells are written by its codec. */
function textOf(name: keyof typeof stateFiles, value: unknown): string {
  const { codec } = stateFiles[name];
  return codec.kind === 'json' ? JSON.stringify(value) : codec.format(value as never);
}

describe('every file of the registry', () => {
  it('reads back what it wrote, whatever valid value it holds, newer fields included', () => {
    fc.assert(
      fc.property(validFile, ({ name, value }) => {
        const { codec } = stateFiles[name];
        const read = codec.parse(textOf(name, value), name);
        const again = codec.parse(codec.format(read as never), name);
        expect(again).toEqual(read);
        expect(sameValue(again, read)).toBe(true);
        // Nothing that was there is lost: a service reads, extends and writes whole files.
        if (codec.kind === 'json' && !Array.isArray(value)) expect(read).toMatchObject(value as object);
      }),
      { numRuns: 400 },
    );
  });

  it('writes the same text for what it read, the second time as the first', () => {
    fc.assert(
      fc.property(validFile, ({ name, value }) => {
        const { codec } = stateFiles[name];
        const text = codec.format(codec.parse(textOf(name, value), name) as never);
        expect(codec.format(codec.parse(text, name) as never)).toBe(text);
        expect(text === '' || text.endsWith('\n')).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('reads the same with carriage returns, without a last line feed, and after a byte order mark', () => {
    fc.assert(
      fc.property(validFile, ({ name, value }) => {
        const { codec } = stateFiles[name];
        const text = textOf(name, value);
        const read = codec.parse(text, name);
        const pretty = codec.kind === 'json' ? JSON.stringify(value, null, 2) : text;
        expect(codec.parse(pretty.replaceAll('\n', '\r\n'), name)).toEqual(read);
        expect(codec.parse(text.replace(/\n$/, ''), name)).toEqual(read);
        expect(codec.parse(`\uFEFF${text}`, name)).toEqual(read);
      }),
      { numRuns: 200 },
    );
  });

  it('finds no fault where nothing changes', () => {
    fc.assert(
      fc.property(validFile, ({ name, value }) => {
        const { codec, change } = stateFiles[name];
        const read = codec.parse(textOf(name, value), name) as never;
        const copy = codec.parse(textOf(name, value), name) as never;
        expect(change.check(read, copy, NOTHING)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('finds the change of any top-level entry of what is written once or appended to', () => {
    const named = fc.constantFrom('seed', 'schedule', 'winner', 'leader', 'auditRequests', 'matchMatrix', 'config');
    fc.assert(
      fc.property(
        named.chain((name) => fc.tuple(fc.constant(name), VALID_FILES[name], VALID_FILES[name])),
        ([name, a, b]) => {
          const { codec, change } = stateFiles[name];
          const before = codec.parse(textOf(name, a), name) as never;
          const after = codec.parse(textOf(name, b), name) as never;
          const isLegal = change.kind === 'append' ? startsWith(after, before) : sameValue(before, after);
          if (!isLegal) expect(change.check(before, after, NOTHING)).not.toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });
});

function startsWith(list: readonly unknown[], beginning: readonly unknown[]): boolean {
  return sameValue(list.slice(0, beginning.length), beginning);
}

describe('the JSON Schemas', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const validators = new Map(
    [...formatReference(gen3d.files, formatPage)].flatMap(([path, text]) => {
      const schema = path.endsWith('.json') ? (JSON.parse(text) as { title: string }) : undefined;
      return schema === undefined ? [] : [[schema.title, ajv.compile(schema)] as const];
    }),
  );

  it('take, by another validator, everything that the codecs take', () => {
    fc.assert(
      fc.property(validFile, ({ name, value }) => {
        const validate = validators.get(name);
        if (validate === undefined) return;
        const plain: unknown = JSON.parse(JSON.stringify(value));
        expect(validate(plain) ? [] : validate.errors).toEqual([]);
        expect(() => stateFiles[name].codec.parse(JSON.stringify(plain), name)).not.toThrow();
      }),
      { numRuns: 400 },
    );
  });

  it('refuse what the codecs refuse for a missing or mistyped field', () => {
    fc.assert(
      fc.property(
        validFile.filter(({ name, value }) => validators.has(name) && !Array.isArray(value)),
        fc.nat(),
        fc.constantFrom(undefined, null, 'x', -1, [], {}),
        ({ name, value }, pick, wrong) => {
          const field = Object.keys(value as object)[pick % Math.max(1, Object.keys(value as object).length)];
          if (field === undefined) return;
          const broken: unknown = JSON.parse(JSON.stringify({ ...(value as object), [field]: wrong }));
          const codecTakes = stateFiles[name].codec.schema.safeParse(broken).success;
          const schemaTakes = validators.get(name)?.(broken) ?? false;
          // Formats of dates and refinements are the codecs' own.
          if (codecTakes) expect(schemaTakes, JSON.stringify([name, field, wrong])).toBe(true);
          if (wrong === undefined || wrong === null) expect(schemaTakes).toBe(codecTakes);
        },
      ),
      { numRuns: 400 },
    );
  });
});
