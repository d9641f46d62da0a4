import { Config } from '@tiltyard/schema/gen3d';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roundName } from '../../src/gen3d/round/round-name.js';

describe("a round's name", () => {
  it('is the slug of the title, and the number', () => {
    expect(roundName({ name: '404 GEN  Competition 1' }, 3)).toBe('404-gen-competition-1-3');
    expect(roundName({ name: 'mesh' }, 0)).toBe('mesh-0');
  });

  it('fits into an image tag, whatever title config.json may have', () => {
    const title = fc.string({ maxLength: 70 }).filter((name) => Config.shape.name.safeParse(name).success);
    const made = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_. -]{0,62}$/).filter((name) => !name.endsWith(' '));
    fc.assert(
      fc.property(fc.oneof(title, made), fc.nat(999_999), (name, round) => {
        expect(Config.shape.name.safeParse(name).success).toBe(true);
        expect(`c0ffee0-${roundName({ name }, round)}`).toMatch(/^[a-z0-9_][a-z0-9_.-]{0,127}$/);
      }),
    );
  });
});
