import path from 'node:path';
import { gen3d, STATE_FILES } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import { git } from '../../../../test-support/git-cli.js';
import { scratchDir } from '../../../../test-support/scratch-dir.js';
import { sharedData } from '../../../../test-support/shared-data.js';
import { openLedger } from '../../src/index.js';

const bundle = sharedData('history/competition-1-rounds-0-1.bundle');

describe.skipIf(bundle === undefined)(
  "the repository of another implementation's competition (needs TILTYARD_SHARED)",
  () => {
    it('is read whole, every state file of every kind', async () => {
      await using scratch = await scratchDir();
      const remote = path.join(scratch.path, 'remote.git');
      await git(scratch.path, 'clone', '-q', '--bare', '-b', 'main', bundle ?? '', remote);
      await using ledger = await openLedger({
        competition: gen3d,
        remote,
        dir: path.join(scratch.path, 'clone'),
        version: '0.1.0',
      });
      const snapshot = await ledger.snapshot();
      const found: Record<string, number> = {};
      for (const [name, file] of STATE_FILES) {
        const listed = await snapshot.list(file);
        for (const one of listed) expect(await one.read(), one.path).toBeDefined();
        found[name] = listed.length;
      }
      expect(found).toMatchObject({ config: 1, state: 1, leader: 1, schedule: 3, seed: 2, submissions: 2 });
      expect(found.matchReport).toBeGreaterThan(100);
    });
  },
);
