import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stateFiles } from '../../src/gen3d/index.js';
import { FormatError, parseJson } from '../../src/index.js';

const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

describe('JSON of a state file', () => {
  it.each([
    ['a key that stands twice', '{"seed": 1, "seed": 2}', 'the key "seed" stands twice in one object'],
    ['a key that stands twice, written differently', String.raw`{"seed": 1, "s\u0065ed": 2}`, 'stands twice'],
    [
      'a key that stands twice far inside',
      '{"a": [{"b": "x:\\"y\\":", "c": {"d": 1, "d": 1}}]}',
      'the key "d" stands twice',
    ],
    ['__proto__ as a key', '{"__proto__": {"seed": 1}}', '"__proto__" cannot be a key'],
    ['__proto__ as a key, in disguise', String.raw`{"\u005f_proto__": 1}`, '"__proto__" cannot be a key'],
    ['a number beyond the doubles', '{"seed": 1e999}', 'a number is too large'],
    ['NaN', '{"seed": NaN}', 'JSON'],
    ['-Infinity', '{"seed": -Infinity}', 'JSON'],
    ['nesting without end', `{"a": ${deep(100_000)}}`, 'nested more than 64 deep'],
    ['half a document', '{"seed": ', 'JSON'],
    ['a text after the document', '{"seed": 1} {"seed": 2}', 'JSON'],
    ['two byte order marks', '\uFEFF\uFEFF{}', 'JSON'],
    ['nothing', '', 'JSON'],
    ['a list without end', `[${'1,'.repeat(20_000)}1]`, 'more than 20000 entries'],
    ['an object without end', `{${Array.from({ length: 20_001 }, (_, at) => `"${at}":1`)}}`, 'more than 20000 entries'],
  ])('refuses %s', (_what, text, why) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
    expect(() => parseJson(text)).toThrow(why);
    const fault = { code: 'not_json', path: 'rounds/0/seed.json' };
    expect(() => stateFiles.seed.parse(text, 'rounds/0/seed.json')).toThrow(
      expect.objectContaining({ fault: expect.objectContaining(fault) }),
    );
  });

  it('reads what JSON.parse reads, as long as no key is dangerous', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const known: unknown = JSON.parse(text);
        if (text.includes('proto')) return;
        expect(parseJson(text)).toEqual(known);
        expect(parseJson(JSON.stringify(known, null, 2))).toEqual(known);
      }),
      { numRuns: 500 },
    );
  });

  it('finds a repeated key wherever it stands', () => {
    const key = fc.string({ maxLength: 8 }).filter((name) => name !== '__proto__');
    const path = fc.array(fc.oneof(key, fc.constant(0)), { maxLength: 5 });
    fc.assert(
      fc.property(key, path, fc.json({ maxDepth: 1 }), (name, around, value) => {
        const quoted = JSON.stringify(name);
        const inner = `{${quoted}: ${value}, ${quoted} : ${value}}`;
        const text = around.reduce<string>(
          (body, step) => (step === 0 ? `[${body}]` : `{${JSON.stringify(step)}:${body}}`),
          inner,
        );
        if (!text.includes('__proto__')) expect(() => parseJson(text)).toThrow('stands twice');
      }),
      { numRuns: 300 },
    );
  });

  it('tells a fault in few words, however long the text is', () => {
    const long = 'a'.repeat(3_000_000);
    for (const [file, text] of [
      [stateFiles.submitted, `{"${long}": 1}`],
      [stateFiles.seed, `{"${long}": 1, "${long}": 2}`],
      [stateFiles.config, `{"format_version": "${long}"}`],
      [stateFiles.state, `{"stage": "${long}"}`],
      [stateFiles.matchMatrix, `left,right,margin\n${long}`],
      [stateFiles.matchMatrix, long],
    ] as const) {
      const told = (() => {
        try {
          return file.parse(text, 'x');
        } catch (error) {
          return error;
        }
      })();
      expect(told).toBeInstanceOf(FormatError);
      expect((told as Error).message.length).toBeLessThan(1001);
    }
  });
});

describe('a table', () => {
  const HOTKEY = '5GgpGaDxzTyBAME1Ju9ZhUstWj2VTm1n4tAUkRHLi4birQZg';
  const parse = (text: string) => stateFiles.matchMatrix.parse(text, 'm.csv');

  it.each([
    ['0', 0],
    ['0.0', 0],
    ['-0.0', 0],
    ['-0', 0],
    ['1e-05', 0.00001],
    ['-1E-5', -0.00001],
    ['0.0546875', 0.0546875],
    ['1.0', 1],
  ])('reads a margin of %s', (cell, margin) => {
    expect(parse(`left,right,margin\r\nleader,${HOTKEY},${cell}`)[0]?.margin === margin).toBe(true);
  });

  it.each(['', ' 0', 'nan', 'inf', '1.5', '-1.0001', '0x1', '1_0', '.5', '1e5', '--1', '1e-', '"0"'])(
    'refuses a margin of "%s"',
    (cell) => {
      expect(() => parse(`left,right,margin\nleader,${HOTKEY},${cell}\n`)).toThrow(/margin|fields/);
    },
  );

  it.each([
    ['another header', 'left,right\n'],
    ['no header', ''],
    ['a field too many', `left,right,margin\nleader,${HOTKEY},0,0\n`],
    ['a challenger that is the leader', 'left,right,margin\nleader,leader,0\n'],
    ['a defender that every object inherits', `left,right,margin\nconstructor,${HOTKEY},0\n`],
  ])('refuses %s', (_what, text) => {
    expect(() => parse(text)).toThrow(FormatError);
  });
});

describe('lines', () => {
  it.each([
    ['a line break', 'text: a\nb'],
    ['a line break in an address', 'https://example.org/a\n.png'],
    ['a carriage return', 'text: a\rb'],
    ['a line separator', 'text: a\u2028b'],
    ['half a character', 'text: a\ud800'],
    ['blanks around it', ' text: a'],
  ])('of prompts never hold %s, which would not read back', (_what, line) => {
    expect(stateFiles.prompts.codec.schema.safeParse([line]).success).toBe(false);
  });

  it('of signers are one line each', () => {
    const takes = (line: string) => stateFiles.allowedSigners.codec.schema.safeParse([line]).success;
    expect(takes('# nobody yet')).toBe(true);
    expect(takes(`# x\noperator ssh-ed25519 ${'A'.repeat(68)}`)).toBe(false);
    expect(takes(`mallory ssh-ed25519 ${'A'.repeat(68)}`)).toBe(false);
  });

  it('reads a long text whose commas and brackets are inside strings', () => {
    const value = ['[,{'.repeat(500_000), '\\"[,'.repeat(200_000)];
    expect(parseJson(JSON.stringify(value))).toEqual(value);
  });

  it.each([
    ['millions of numbers', `[${'1,'.repeat(30_000_000)}1]`, 'more than 500000 values'],
    ['millions of lists', `[${'[],'.repeat(20_000_000)}[]]`, 'more than 500000 values'],
    ['millions of keys', `{${'"a":1,'.repeat(3_000_000)}"b":1}`, 'more than 500000 values'],
  ])('refuses %s before any is read', (_what, text, why) => {
    expect(() => parseJson(text)).toThrow(why);
  });
});
