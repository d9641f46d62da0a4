import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { checkGlb } from '../../src/index.js';
import { boxParts, packGlb } from '../support/glb-builder.js';

const image = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#fff' } })
  .png()
  .toBuffer();
const parts = boxParts({ image });
const glb = packGlb(parts.json, parts.bin);
const jsonText = JSON.stringify(parts.json);

/** Whatever comes, the answer is a result: a throw would be our bug. */
function expectAnswer(bytes: Uint8Array): void {
  const check = checkGlb(bytes);
  expect(check.ok || check.message.length > 0).toBe(true);
}

/** Every place in a JSON value, as paths. */
function pathsOf(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...entries.flatMap(([key, entry]) => pathsOf(entry, [...path, key as string | number]))];
}

function replaced(value: unknown, path: readonly (string | number)[], by: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string | number, unknown>;
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}

describe('checking mangled GLBs', () => {
  it("answers when bytes of the header and the chunks' headers change", () => {
    const binHeader = glb.length - parts.bin.length - 8;
    const places = Array.from({ length: 28 }, (_, i) => (i < 20 ? i : binHeader + i - 20));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...places), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (edits) => {
          const bytes = Buffer.from(glb);
          for (const [at, value] of edits) bytes[at] = value;
          expectAnswer(bytes);
        },
      ),
    );
  });

  it('answers when characters of the JSON change', () => {
    fc.assert(
      fc.property(
        fc.nat(jsonText.length - 1),
        fc.string({ unit: 'binary', maxLength: 4 }),
        fc.nat(4),
        (at, text, cut) => {
          expectAnswer(packGlb(jsonText.slice(0, at) + text + jsonText.slice(at + cut), parts.bin));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('answers when any value of the JSON becomes any other', () => {
    const nasty = fc.oneof(
      fc.constantFrom<unknown>(-1, 0.5, 1e20, 2 ** 32, 2 ** 31, null, '', [], {}, true, '__proto__', [[[]]], {
        length: 1e9,
      }),
      fc.nat(30),
      fc.jsonValue({ maxDepth: 2 }),
    );
    const edit = fc.tuple(fc.constantFrom(...pathsOf(parts.json)), nasty);
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        let json: unknown = parts.json;
        for (const [path, by] of edits) {
          try {
            json = replaced(json, path, by);
          } catch {
            // An earlier edit has taken the place away.
          }
        }
        expectAnswer(packGlb(JSON.stringify(json) ?? 'null', parts.bin));
      }),
      { numRuns: 1500 },
    );
  });

  it('answers to any bytes at all', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => expectAnswer(bytes)));
  });
});
