import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainText, plainTexts } from '../../src/terminal/plain-text.js';
import { columns } from '../../src/terminal/table.js';
import { paint } from '../../src/terminal/terminal.js';

describe('plainText', () => {
  it('leaves nothing in a text that a terminal would obey', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const plain = plainText(text);
        expect(plain.replaceAll(/[\t\n]/g, '')).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
        expect(plainText(plain)).toBe(plain);
      }),
    );
  });

  it('takes the escape out of a sequence that would clear the screen', () => {
    expect(plainText('\u001b[2Jwon')).toBe('\ufffd[2Jwon');
  });

  it('reaches every text of a value, and changes nothing else', () => {
    const value = { a: ['\u0007', 1, null], b: new Map([['k', { c: '\u001b' }]]), d: undefined };
    expect(plainTexts(value)).toEqual({
      a: ['\ufffd', 1, null],
      b: new Map([['k', { c: '\ufffd' }]]),
      d: undefined,
    });
  });
});

describe('columns', () => {
  it('aligns cells by what is seen of them', () => {
    const red = paint({ colours: true }, 'red', 'ab');
    expect(red).not.toBe('ab');
    const [styled = '', plain = ''] = columns([
      [red, 'x'],
      ['abcd', 'y'],
    ]);
    expect(styled).toBe(`${red}    x`);
    expect(plain).toBe('abcd  y');
  });
});
