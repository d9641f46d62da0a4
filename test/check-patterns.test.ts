import { describe, expect, it } from 'vitest';
// @ts-expect-error -- the scripts have no types
import { troublesIn } from '../scripts/check-patterns.mjs';

/** The troubles of a file with this text, as `npm run check` reports them. */
const troubles: (text: string) => readonly string[] = (text) => troublesIn('case.ts', text);

describe('the check of regular expressions', () => {
  it('reported: refuses the pattern that took the fence off an answer', () => {
    expect(troubles('const FENCE = /^```(?:json)?\\s*\\n([\\s\\S]*)\\n\\s*```$/;')).toEqual([
      expect.stringMatching(/^case\.ts:1: .*: 3rd degree polynomial$/),
    ]);
  });

  it.each([
    ['an exponential one', 'text.test(/^(a+)+$/)'],
    ['one that begins anywhere', 'text.replace(/\\/+$/, "")'],
    ['one of a schema', 'z.string().regex(/^(.*) <(.*)>$/)'],
    ['a text given to RegExp', "new RegExp('\\\\s+$')"],
    ['a text given to RegExp as a function', 'RegExp(`\\\\s+$`, "u")'],
    ['a text given to match', "text.match('x*y')"],
    ['one whose repeats have far bounds', '/^(?:a{1,500})+$/.test(text)'],
    ['one that looks behind itself', '/(a+)\\1/.test(text)'],
  ])('refuses %s', (_what, text) => {
    expect(troubles(`\n${text};`)).toEqual([expect.stringContaining('case.ts:2: ')]);
  });

  it.each([
    ['what is linear', '/^[\\w./-]{1,100}$/.test(text)'],
    ['what is short', '/a?a?a?(b|bc){1,3}$/.test(text)'],
    ['a copy', 'new RegExp(/^a+$/, "g")'],
    ['a pattern put together at run time with a reason', '// linear: a fixed number of digits\nnew RegExp(digits)'],
    ['text that only looks like one', "'/(a+)+$/'"],
  ])('takes %s', (_what, text) => {
    expect(troubles(`${text};`)).toEqual([]);
  });

  it('refuses a pattern put together at run time without a reason', () => {
    expect(troubles('new RegExp("^" + name)')).toEqual([expect.stringContaining('say why it is linear')]);
    expect(troubles('// linear:\nnew RegExp(name)')).toHaveLength(1);
  });

  it('refuses a file that it cannot read', () => {
    expect(() => troubles('const = ;')).toThrow(/case\.ts/);
  });
});
