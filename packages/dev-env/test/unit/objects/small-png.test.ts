import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { encodeSmallPng } from '../../../src/gen3d/objects/small-png.js';

describe('a small PNG', () => {
  it('decodes to the pixels that it was made of', async () => {
    const pictures = fc
      .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }))
      .chain(([width, height]) => {
        const length = 3 * width * height;
        return fc.record({
          width: fc.constant(width),
          height: fc.constant(height),
          rgb: fc.uint8Array({ minLength: length, maxLength: length }),
        });
      });
    await fc.assert(
      fc.asyncProperty(pictures, async ({ width, height, rgb }) => {
        const { data, info } = await sharp(encodeSmallPng(width, height, rgb))
          .raw()
          .toBuffer({ resolveWithObject: true });
        expect([info.width, info.height, info.channels]).toEqual([width, height, 3]);
        expect([...data]).toEqual([...rgb]);
      }),
      { numRuns: 40 },
    );
  });
});
