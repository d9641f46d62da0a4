import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distance } from '../../src/distance.js';
import { DESCRIPTOR_V1, EmbedderId, type Embedding } from '../../src/interfaces.js';
import { scaleToUnit } from '../../src/unit-length.js';

const OTHER = EmbedderId.parse(`dinov3-vits16@sha256:${'0'.repeat(64)}/pre1`);
const embedding = (vector: Float32Array, embedderId = DESCRIPTOR_V1): Embedding => ({ embedderId, vector });
const unitVector = fc
  .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 8, maxLength: 8 })
  .map((values) => scaleToUnit(Float64Array.from(values)))
  .filter((vector) => vector.some((value) => value !== 0));

describe('the distance of two embeddings', () => {
  it('is 0 for the same direction, 1 for a right angle, 2 for the opposite', () => {
    const x = Float32Array.of(1, 0);
    expect(distance(embedding(x), embedding(x))).toBe(0);
    expect(distance(embedding(x), embedding(Float32Array.of(0, 1)))).toBe(1);
    expect(distance(embedding(x), embedding(Float32Array.of(-1, 0)))).toBe(2);
  });

  it('is symmetric and stays in [0, 2], whatever float32 rounds', () => {
    fc.assert(
      fc.property(unitVector, unitVector, (left, right) => {
        const apart = distance(embedding(left), embedding(right));
        expect(apart).toBe(distance(embedding(right), embedding(left)));
        expect(apart).toBeGreaterThanOrEqual(0);
        expect(apart).toBeLessThanOrEqual(2);
        expect(distance(embedding(left), embedding(left))).toBeLessThan(1e-6);
      }),
    );
  });

  it('refuses to compare two embedders', () => {
    const x = Float32Array.of(1, 0);
    expect(() => distance(embedding(x), embedding(x, OTHER))).toThrow(
      expect.objectContaining({ fault: { code: 'different_embedders', left: DESCRIPTOR_V1, right: OTHER } }),
    );
  });

  it.each([
    ['an empty vector', Float32Array.of()],
    ['a zero vector', Float32Array.of(0, 0)],
    ['a NaN', Float32Array.of(Number.NaN, 1)],
    ['an infinity', Float32Array.of(Number.POSITIVE_INFINITY, 0)],
    ['a vector that is not of unit length', Float32Array.of(0.9, 0)],
    ['a vector of another length', Float32Array.of(1, 0, 0)],
  ])('is an error and never a number for %s', (_name, vector) => {
    const fault = expect.objectContaining({ fault: expect.objectContaining({ code: 'bad_vector' }) });
    expect(() => distance(embedding(vector), embedding(Float32Array.of(1, 0)))).toThrow(fault);
    expect(() => distance(embedding(Float32Array.of(1, 0)), embedding(vector))).toThrow(fault);
  });
});
