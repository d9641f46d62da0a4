import { marginsOf, matchKey, qualificationOf, revealOrder } from '@tiltyard/rules/gen3d';
import { counted, type Hotkey, LEADER, type Side, shortName } from '@tiltyard/schema';
import type { MatchRow } from '@tiltyard/schema/gen3d';
import type { Tree } from '../../replay/tree.js';
import { isOwnWork } from '../commit-view.js';
import { rulesAt } from '../round/round-view.js';
import { contentRule, type Rule, type WrittenFile } from '../rule.js';
import { delivered, fileOf, inputsOf, matrixRows, NO_INPUTS, reportOf, sideFile, valueIn } from '../tree.js';

/** What the rows of a matrix rest on. */
export const MATRIX_RULES: readonly Rule[] = [
  contentRule({ id: 'R1', severity: 'error' }, 'matchMatrix', (rows, file) => {
    const texts = matrixRows(file.change.after);
    const order = meetingOrder(file);
    for (const { row, at } of newRows(rows, file)) {
      file.looked();
      const report = reportOf(file.tree, file.params.round, row.left, row.right);
      const written = texts[at]?.split(',')[2] ?? '';
      const place = order === undefined ? undefined : placeFault(row, order);
      if (place !== undefined) file.fault(`${nameOf(row)}: ${place}`);
      if (report === undefined) {
        if (isMissing(file.tree, file.params.round, row)) continue;
        if (file.at.dialect === 'reference' && row.margin === unplayedMargin(file.tree, file.params.round, row))
          continue;
        file.fault(`${nameOf(row)} has no report`);
      } else if (report.left !== row.left || report.right !== row.right) {
        file.fault(`${nameOf(row)}: the report is about ${nameOf(report)}`);
      } else if (row.margin !== report.margin) {
        file.fault(`${nameOf(row)}: the row says ${written}, the report ${report.margin}`);
      } else if (file.at.dialect === 'ours' && written !== String(report.margin)) {
        file.fault(`${nameOf(row)}: ${written} is not how ${report.margin} is written`);
      }
    }
  }),
  // The same rule, looked at where only the other file comes in: a match that is judged again gets a row again.
  contentRule(
    {
      id: 'R1',
      severity: 'error',
      only: 'ours',
    },
    'matchReport',
    (report, file) => {
      const { round } = file.params;
      const rowsIn = (tree: Tree) => (valueIn(tree, 'matchMatrix', { round }) ?? []).filter(isOf(report));
      const rows = rowsIn(file.tree);
      const last = rows.at(-1);
      // A new row is held against the report where it is written.
      if (last === undefined || rows.length > rowsIn(file.at.parent).length) return;
      file.looked();
      if (last.margin !== report.margin) {
        file.fault(`${nameOf(report)}: the report says ${report.margin}, and its row still ${last.margin}`);
      }
    },
  ),
  contentRule({ id: 'R1b', severity: 'error' }, 'matchMatrix', (rows, file) => {
    const winMargin = rulesAt(file.tree, file.params.round)?.tournament.win_margin;
    if (winMargin === undefined) return;
    const margin = marginsOf(rows);
    // A rejection takes nothing back: what counts is that both had beaten the leader.
    const standing = () => ({ status: 'approved' }) as const;
    for (const { row } of newRows(rows, file)) {
      if (row.left === LEADER) continue;
      file.looked();
      const unqualified = [row.left, row.right].filter(
        (hotkey) => qualificationOf(hotkey as Hotkey, { margin, standing, winMargin }) !== 'qualified',
      );
      if (unqualified.length > 0) {
        file.fault(`${nameOf(row)}: ${unqualified.map(shortName).join(' and ')} had not qualified`);
      }
    }
  }),
  contentRule({ id: 'R2e', severity: 'warn' }, 'winner', (_winner, file) => {
    const { round } = file.params;
    const winMargin = rulesAt(file.tree, round)?.tournament.win_margin;
    for (const row of lastRows(file.tree, round)) {
      const report = reportOf(file.tree, round, row.left, row.right);
      if (report === undefined || winMargin === undefined) continue;
      file.looked();
      const { doubt } = report;
      if (doubt === undefined || doubt.lower >= winMargin || doubt.upper < winMargin) continue;
      const range = `${doubt.lower} to ${doubt.upper}`;
      file.fault(
        `${nameOf(row)}: ${counted(doubt.count, 'duel')} failed; its margin ${row.margin} may be anything from ${range}`,
      );
    }
  }),
  contentRule({ id: 'R2s', severity: 'error' }, 'winner', (_winner, file) => {
    const { round } = file.params;
    for (const row of lastRows(file.tree, round)) {
      const report = reportOf(file.tree, round, row.left, row.right);
      if (report === undefined) continue;
      for (const side of ['left', 'right'] as const) {
        const now = sideInputs(file.tree, round, report[side]);
        const then = report.inputs[side];
        if (now === undefined || then === undefined) continue;
        // The reference judged sides before their files came in.
        if ((then === NO_INPUTS || now === NO_INPUTS) && file.at.dialect === 'reference') continue;
        file.looked();
        if (now === then) continue;
        const when = report.commit.slice(0, 7);
        file.fault(`${nameOf(row)}: the files of ${shortName(report[side])} changed after they were judged in ${when}`);
      }
    }
  }),
];

/** Each side's place in the order of reveal, the leader's before all; undefined where that holds nobody to anything. */
function meetingOrder({ at, tree, params }: WrittenFile<'matchMatrix'>): ReadonlyMap<Side, number> | undefined {
  const submissions = valueIn(tree, 'submissions', params);
  if (submissions === undefined || !isOwnWork(at, params.round)) return undefined;
  return new Map([LEADER as Side, ...revealOrder(submissions)].map((side, place) => [side, place]));
}

/** Why two could not have met: only submitters meet, the one that revealed first as the defender. */
function placeFault({ left, right }: Match, order: ReadonlyMap<Side, number>): string | undefined {
  const [first, second] = [order.get(left), order.get(right)];
  if (first === undefined || second === undefined) {
    return `${shortName(second === undefined ? right : left)} did not submit`;
  }
  return first < second ? undefined : `${shortName(left)} did not reveal before ${shortName(right)}`;
}

/** A name for what a side's files are at a commit; undefined where they cannot be read. */
function sideInputs(tree: Tree, round: number, side: Side): string | undefined {
  const file = sideFile(tree, round, side);
  return file === undefined ? NO_INPUTS : inputsOf(file.content);
}

/** A match as findings name it. */
function nameOf({ left, right }: { readonly left: Side; readonly right: Side }): string {
  return `${shortName(left)} vs ${shortName(right)}`;
}

type Match = Pick<MatchRow, 'left' | 'right'>;

/** Whether a row is of a match. */
function isOf({ left, right }: Match): (row: Match) => boolean {
  return (row) => row.left === left && row.right === right;
}

/** Rows that the commit appends, or writes anew behind the first row that it changed. */
function newRows(
  rows: readonly MatchRow[],
  { change }: WrittenFile<'matchMatrix'>,
): readonly { readonly row: MatchRow; readonly at: number }[] {
  const old = matrixRows(change.before);
  const now = matrixRows(change.after);
  let same = 0;
  while (same < old.length && old[same] === now[same]) same += 1;
  return rows.slice(same).map((row, index) => ({ row, at: same + index }));
}

/** The row of each match that counts: the last one. */
export function lastRows(tree: Tree, round: number): readonly MatchRow[] {
  const rows = valueIn(tree, 'matchMatrix', { round }) ?? [];
  return [...new Map(rows.map((row) => [matchKey(row.left, row.right), row])).values()];
}

/**
 * What the reference writes into the matrix, without a report, where a side has no usable file at all: the other side wins
 * outright, and two such sides draw. Undefined where both have files, or where that cannot be told.
 */
function unplayedMargin(tree: Tree, round: number, { left, right }: Match): number | undefined {
  const [leftDelivered, rightDelivered] = [left, right].map((side) => delivered(tree, round, side));
  if (leftDelivered === undefined || rightDelivered === undefined || (leftDelivered && rightDelivered))
    return undefined;
  return leftDelivered ? -1 : rightDelivered ? 1 : 0;
}

function isMissing(tree: Tree, round: number, { left, right }: MatchRow): boolean {
  const file = fileOf(tree, 'matchReport', { round, side: right, left: shortName(left) });
  // A report that is there and cannot be read is told elsewhere.
  return file?.content.problem !== undefined;
}
