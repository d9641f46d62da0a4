import { describe, expect, it } from 'vitest';
import type { AuditReport } from '../../src/gen3d/index.js';
import { isUtf16 } from '../../src/replay/text-remarks.js';
import { auditCommits, EditableHistory, smallHistory } from '../support/history.js';

const history = new EditableHistory(smallHistory('reference'), 'reference');
const LEADER = /^leader\.json/;
const MATRIX = /^rounds\/0\/matches/;

const formatFaults = ({ findings }: AuditReport) =>
  findings
    .filter(({ rule }) => rule === 'F1' || rule === 'F2')
    .map(({ rule, severity, path, detail }) => `${rule} ${severity} ${path}: ${detail}`);

describe('a state file of odd bytes', () => {
  it.each([
    ['a byte-order mark', LEADER, (text: string) => `\ufeff${text}`, /^F1 warn leader\.json: .*byte-order mark/],
    ['Windows line ends', LEADER, (text: string) => text.replaceAll('\n', '\r\n'), /^F1 warn leader\.json: .*CRLF/],
    ['Windows line ends', MATRIX, (text: string) => text.replaceAll('\n', '\r\n'), /^F1 warn rounds.*csv: .*CRLF/],
    [
      'megabytes of blanks',
      LEADER,
      (text: string) => text + ' \n'.repeat(2 ** 20),
      /^F1 error leader\.json: 2097\d\d\d of its 2098\d\d\d bytes are blanks$/,
    ],
    [
      'blanks between its values',
      LEADER,
      (text: string) => text.replaceAll('\n', '\n'.repeat(60_000)),
      /^F1 error leader\.json: \d+ of its \d+ bytes are blanks$/,
    ],
    [
      'more than a state file may have',
      LEADER,
      (text: string) => text + ' '.repeat(65 * 2 ** 20),
      /^F1 error leader\.json: is not read: \d+ bytes are more than a state file may have$/,
    ],
  ] as const)('is a finding by name: %s (%s)', async (_what, path, change, told) => {
    const edited = history.edit(history.writing(path, 'last'), path, change);
    const faults = formatFaults(await auditCommits(edited.commits));
    expect(faults).toEqual([expect.stringMatching(told)]);
  });

  it('is reported where that begins, and not at every commit after', async () => {
    const from = history.writing(MATRIX);
    const edited = history.editFrom(from, MATRIX, (text) => text.replaceAll('\n', '\r\n'));
    const faults = formatFaults(await auditCommits(edited.commits));
    expect(faults).toHaveLength(1);
  });

  it('is still read, so that what it says is held against the rules', async () => {
    const at = history.writing(LEADER, 'last');
    const blanks = (text: string) => text.replace(/"weight": [\d.]+/, '"weight": 0.123') + '\n'.repeat(2 ** 20);
    const { findings } = await auditCommits(history.edit(at, LEADER, blanks).commits);
    expect(findings.find(({ rule }) => rule === 'A1')?.detail).toMatch(/^entry 0 was changed \(weight .* → 0\.123\)$/);
  });

  it('is reported as UTF-16 where it is', () => {
    expect(isUtf16(Buffer.from('\ufeff{}', 'utf16le'))).toBe(true);
    expect(isUtf16(Buffer.from('\ufeff{}'))).toBe(false);
  });
});
