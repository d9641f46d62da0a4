import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Hotkey } from '@tiltyard/schema';
import { describe, expect, it } from 'vitest';
import { git } from '../../../../test-support/git-cli.js';
import { realRemote } from '../support/real-remote.js';
import { runNode } from '../support/run-node.js';

const PUBLISHER = fileURLToPath(new URL('../support/publish-pod-stats.mjs', import.meta.url));
const FULL = process.env.TILTYARD_SWEEP === '1';
const PROCESSES = FULL ? 5 : 3;
const PUBLISHES = FULL ? 200 : 8;

describe('many processes', () => {
  it(`publish side by side (${PROCESSES} × ${PUBLISHES}) and lose, repeat and merge nothing`, async () => {
    await using remote = await realRemote({ stage: 'duels' });
    const sides = Array.from({ length: PROCESSES }, (_, index) =>
      Hotkey.parse(`5${'ABCDEFGHJK'.charAt(index).repeat(47)}`),
    );
    await Promise.all(
      sides.map((side, index) =>
        runNode([PUBLISHER, remote.url, path.join(remote.scratch, `p-${index}`), side, `${PUBLISHES}`, '120000']),
      ),
    );
    const subjects = (await remote.subjects()).slice(1);
    for (const side of sides) {
      const own = subjects.filter((line) => line === `Update pod stats for round 1, miner ${side.slice(0, 10)}`);
      expect(own).toHaveLength(PUBLISHES);
      const stats = JSON.parse(await remote.text(`rounds/1/${side}/pod_stats.json`));
      expect(stats.pod.processed).toBe(PUBLISHES);
    }
    expect(subjects).toHaveLength(PROCESSES * PUBLISHES);
    expect(await git(remote.dir, 'rev-list', '--merges', '--count', 'main')).toBe('0');
    await remote.fsck();
  }, 600_000);
});
