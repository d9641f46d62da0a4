import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Sha256 } from '@tiltyard/schema';
import { seededWeights, writeSafetensors } from '../../bench/seeded-weights.js';
import { sha256Of } from '../../src/embedding-cache.js';

/** A model file of the real architecture with seeded weights, in a directory of its own. */
export interface SeededModel extends AsyncDisposable {
  readonly dir: string;
  readonly file: string;
  readonly sha256: Sha256;
}

export async function seededModel(): Promise<SeededModel> {
  const dir = await mkdtemp(path.join(tmpdir(), 'tiltyard-embed-'));
  const file = path.join(dir, 'model.safetensors');
  await writeSafetensors(file, seededWeights());
  return {
    dir,
    file,
    sha256: sha256Of(await readFile(file)),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}
