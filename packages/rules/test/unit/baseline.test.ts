import { describe, expect, it } from 'vitest';
import { isBaselineComplete } from '../../src/gen3d/duel/baseline.js';
import { failed, generations, result, stem, stems } from '../support/samples.js';

describe("the leader's baseline", () => {
  const complete = (first: ReturnType<typeof result> | undefined) =>
    isBaselineComplete(
      stems(2),
      generations([[stem(1), result()], ...(first === undefined ? [] : [[stem(0), first] as const])]),
      3,
    );

  it('is complete when every prompt has a usable result or has used its attempts', () => {
    expect(complete(result({ generation_time: 500 }))).toBe(true);
    expect(complete(failed({ attempts: 3 }))).toBe(true);
    expect(complete(failed({ attempts: 2 }))).toBe(false);
    expect(complete(result({ png: null }))).toBe(false);
    expect(complete(undefined)).toBe(false);
  });
});
