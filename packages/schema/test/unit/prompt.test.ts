import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePrompt, Stem, stemOf } from '../../src/gen3d/index.js';

describe('a prompt line', () => {
  it('is named after its file', () => {
    expect(stemOf('https://example.org/a/b/blue-car.v2.png?x=1')).toBe('blue-car.v2');
  });

  it('that is a text is named by a slug and a digest', () => {
    expect(stemOf('text: A blue car, seen from above!')).toMatch(/^a-blue-car-seen-from-above-[0-9a-f]{8}$/);
    expect(stemOf('text: 青い車')).toMatch(/^[0-9a-f]{8}$/);
  });

  it.each(['', 'text:', 'ftp://example.org/a.png', 'https://u:p@example.org/a.png', 'https://example.org/', 'a.png'])(
    'is not "%s"',
    (line) => {
      expect(parsePrompt(line)).toBeUndefined();
    },
  );

  it('has a stem that is a safe file name, or is no prompt', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.string().map((text) => `text: ${text}`),
        ),
        (line) => {
          const prompt = parsePrompt(line);
          if (prompt !== undefined) expect(Stem.safeParse(prompt.stem).success).toBe(true);
        },
      ),
    );
  });
});
