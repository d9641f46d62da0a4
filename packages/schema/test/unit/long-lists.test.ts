import { describe, expect, it } from 'vitest';
import { type Amendment, type MatchRow, stateFiles } from '../../src/gen3d/index.js';
import type { FormatError } from '../../src/index.js';

const HOTKEY = `5${'C'.repeat(47)}`;
const fault = (read: () => unknown) => {
  try {
    read();
  } catch (error) {
    return (error as FormatError).fault;
  }
  return undefined;
};
const table = (rows: string) => () => stateFiles.matchMatrix.parse(`left,right,margin\n${rows}`, 'm.csv');
const pool = (text: string) => () => stateFiles.promptPool.parse(text, 'prompts.txt');

describe('tables and lists without end', () => {
  it('are refused before a line is taken out of them', () => {
    expect(fault(table('\n'.repeat(30_000_000)))).toMatchObject({ code: 'not_csv', detail: 'more than 100000 lines' });
    expect(fault(table('leader,x,0.5\n'.repeat(4_000_000)))).toMatchObject({ code: 'not_csv', line: 100_001 });
    expect(fault(pool('\n'.repeat(30_000_000)))).toMatchObject({ code: 'schema', detail: 'more than 1000000 lines' });
  });

  it('are read no further than to the first part that is wrong, and the fault is where it stands', () => {
    const good = `leader,${HOTKEY},0.5\n`;
    expect(fault(table(`${good.repeat(2500)}${'leader,x,0.5\n'.repeat(90_000)}`))).toMatchObject({
      code: 'schema',
      field: '2500.right',
      detail: expect.stringMatching(/\(and 499 more\)$/),
    });
    expect(fault(pool(`text: a\n${'nothing\n'.repeat(900_000)}`))).toMatchObject({ code: 'schema', field: '1' });
  });

  it('of many parts come whole', () => {
    const rows = Array.from({ length: 2500 }, (_, at) => `leader,${HOTKEY},${at / 5000}\n`);
    expect(
      stateFiles.matchMatrix.parse(`left,right,margin\n${rows.join('')}`, 'm.csv').map(({ margin }) => margin),
    ).toEqual(rows.map((_, at) => at / 5000));
  });
});

describe('changes of long lists', () => {
  const context = { params: { round: 0 }, amendments: [] };
  const order = { at: '2026-01-01T00:00:00Z', reason: 'x' };

  it('are checked in one pass: an operator holds and resumes without end', () => {
    const orders = Array.from(
      { length: 200_000 },
      (_, at) => ({ ...order, id: at + 1, action: at % 2 === 0 ? 'pause' : 'resume', stage: 'duels' }) as Amendment,
    );
    expect(stateFiles.amendments.change.check([], orders, context)).toEqual([]);
    const twice = [...orders, { ...order, id: 200_001, action: 'resume', stage: 'open' } as Amendment];
    expect(stateFiles.amendments.change.check(orders, twice, context)).toEqual([
      expect.objectContaining({ code: 'order', detail: 'resumes open, and duels was paused' }),
    ]);
  });

  it('are checked in one pass: a match is judged again without end', () => {
    const match = { left: 'leader', right: HOTKEY };
    const amendments = Array.from(
      { length: 50_000 },
      (_, at) => ({ ...order, ...match, id: at + 1, action: 'rejudge_match' }) as Amendment,
    );
    const rows = Array.from({ length: 50_002 }, (_, at) => ({ ...match, margin: at % 2 }) as unknown as MatchRow);
    const faults = stateFiles.matchMatrix.change.check([], rows, { ...context, amendments });
    expect(faults.map(({ key }) => key)).toEqual(['50001']);
  });
});
