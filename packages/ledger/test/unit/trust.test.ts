import { gen3d, STATE_FILES } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import { signedPaths } from '../../src/trust/signed-paths.js';
import { ALICE } from '../support/state-files.js';

const params = { round: 12, side: ALICE, left: ALICE.slice(0, 10) };
const paths = STATE_FILES.map(([name, file]) => [name, file.path.format(params as never), file] as const);

const { mustSign, mayLieIn } = signedPaths(gen3d);

describe('what keys are asked for', () => {
  it.each(paths)('reaches %s at %s: the walk enters every folder above it', (_name, path) => {
    const names = path.split('/').slice(0, -1);
    for (const [depth] of names.entries()) {
      expect(mayLieIn(names.slice(0, depth + 1).join('/'))).toBe(true);
    }
  });

  it.each(paths)('is a writer’s of %s, at %s, unless nothing decides from it', (_name, path, file) => {
    expect(mustSign(path)).toEqual(file.change.kind === 'report' ? undefined : file.writers);
  });

  it('is an operator’s for the workflow that builds images, and none for texts and look-alikes', () => {
    expect(mustSign('.github/workflows/build.yml')).toEqual(['operator']);
    for (const path of ['README.md', 'Leader.json', 'rounds/012/winner.json', 'rounds/1/nobody/generated.json']) {
      expect(mustSign(path)).toBeUndefined();
    }
  });
});
