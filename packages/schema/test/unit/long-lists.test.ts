import { describe, expect, it } from 'vitest';
import { type FormatError, stateFiles } from '../../src/index.js';

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
