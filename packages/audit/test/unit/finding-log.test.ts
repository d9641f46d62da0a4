import { CommitId } from '@tiltyard/schema';
import { describe, expect, it } from 'vitest';
import { FindingLog } from '../../src/finding-log.js';

const place = { index: 0, commit: CommitId.parse('1'.repeat(40)), round: null, isAskedFor: true };

describe('the log of findings', () => {
  it('names an error after any number of notes, and one rule after any number of errors of another', () => {
    const log = new FindingLog(['W5', 'W2', 'A1'], undefined);
    const notes = log.tellFor({ id: 'W5', severity: 'info' }, place);
    const lines = log.tellFor({ id: 'W2', severity: 'error' }, place);
    for (let count = 0; count < 150_000; count += 1) {
      notes.fault({ detail: 'announced, and did not change' });
      lines.fault({ detail: 'no line of the grammar' });
    }
    log.tellFor({ id: 'A1', severity: 'error' }, { ...place, index: 1 }).fault({ detail: 'the leader was stolen' });
    expect(log.findings.at(-1)).toMatchObject({ rule: 'A1', detail: 'the leader was stolen' });
    expect(log.findings.length).toBeLessThan(50_000);
    expect(log.tallies).toMatchObject({ W5: { info: 150_000 }, W2: { error: 150_000 }, A1: { error: 1 } });
  });

  it('keeps of a detail without end its beginning', () => {
    const log = new FindingLog(['W2'], undefined);
    log.tellFor({ id: 'W2', severity: 'error' }, place).fault({ detail: '\u001b[2J'.repeat(10_000_000) });
    expect(log.findings[0]?.detail.length).toBeLessThanOrEqual(1000);
  });
});
