import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { auditRepository } from '@tiltyard/audit/gen3d';
import { afterEach, describe, expect, it } from 'vitest';
import { syntheticHistory, writeSyntheticHistory } from '../../src/index.js';

describe('a synthetic history', () => {
  let folder: string | undefined;
  afterEach(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  it('says the same each time it is made', () => {
    expect([...syntheticHistory({ rounds: 1 })]).toEqual([...syntheticHistory({ rounds: 1 })]);
  });

  it('breaks no rule', async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'synthetic-history-'));
    await writeSyntheticHistory(folder, { rounds: 2 });
    const report = await auditRepository({ dir: folder });
    expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(report.commits).toBeGreaterThan(20);
  });
});
