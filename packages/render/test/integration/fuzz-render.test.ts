import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GLB_LIMITS_DEFAULTS } from '../../src/index.js';
import { boxParts, packGlb } from '../support/glb-builder.js';
import { quartersPng } from '../support/images.js';
import { type RendererUnderTest, rendererUnderTest } from '../support/renderer-under-test.js';

let pool: RendererUnderTest;
let image: Buffer;

beforeAll(async () => {
  pool = await rendererUnderTest();
  image = await quartersPng(16);
});
afterAll(() => pool[Symbol.asyncDispose]());

const request = { azimuth: 24, elevation: -15, sizePx: 32, limits: { ...GLB_LIMITS_DEFAULTS, bounds: 1e6 } };

it('gives a code or a picture for a mangled GLB, and keeps its first worker', async () => {
  const { json, bin } = boxParts({ image });
  const text = JSON.stringify(json);
  const numbers = [...text.matchAll(/\d+(?:\.\d+)?/g)].map((match) => match.index);
  const edit = fc.oneof(
    fc.record({
      kind: fc.constant('number' as const),
      at: fc.constantFrom(...numbers),
      by: fc.constantFrom('0', '1', '2', '3', '7', '40', '-1', '1e9', '5121', '5126'),
    }),
    fc.record({
      kind: fc.constant('bytes' as const),
      at: fc.nat(bin.length - 1),
      by: fc.uint8Array({ minLength: 1, maxLength: 8 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
      let mangled = text;
      const bytes = Buffer.from(bin);
      for (const { kind, at, by } of edits) {
        if (kind === 'bytes') bytes.set(by.slice(0, bytes.length - at), at);
        else mangled = mangled.slice(0, at) + mangled.slice(at).replace(/^\d+(?:\.\d+)?/, by);
      }
      const result = await pool.renderer.renderView(packGlb(mangled, bytes), request);
      expect(result.ok ? result.png.length : result.message.length).toBeGreaterThan(0);
    }),
    { numRuns: 250 },
  );
  expect(pool.troubles).toEqual([]);
  expect(pool.pids).toHaveLength(1);
});
