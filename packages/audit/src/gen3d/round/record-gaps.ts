import { counted } from '@tiltyard/schema';
import type { Dialect } from '../../interfaces.js';
import type { Tree } from '../../replay/tree.js';
import { hasOrder, type RoundEra } from '../legacy/era-order.js';
import { ERAS, type Era } from '../legacy/other-format.js';
import { lastRows } from '../rules/matrix.js';
import { delivered, fileOf, valueIn } from '../tree.js';
import { earlierRounds, unfoundedPasses } from './later-audits.js';
import { roundEraOf, rulesAt } from './round-view.js';

/**
 * What a winner of the reference dialect rests on and is not on record, as sentences without an end: files that were never
 * written, or that another competition had in formats from which less follows. A round with such a gap agrees with nothing:
 * what stands in the gap's place decided, and nobody can check it. Of ours all of it is there by then (R12).
 */
export function* recordGaps(tree: Tree, round: number, dialect: Dialect): Generator<string> {
  if (dialect === 'ours') return;
  const era = roundEraOf(tree, round);
  for (const name of ['schedule', 'seed', 'prompts', 'builds'] as const) {
    if (fileOf(tree, name, { round }) === undefined && isDue(tree, round, name, era)) {
      yield `won without the round's ${name}: ${UNCHECKED}`;
    }
  }
  if (era !== 'splats') yield* otherFormats(tree, era);
  yield* missingReports(tree, round);
  if (era !== 'splats') yield* missingAudits(tree, round);
}

const UNCHECKED = 'what follows from it is not checked';

type OfRound = 'schedule' | 'seed' | 'prompts' | 'builds';

/** The present formats have it in every round. Others have had it from some round on, and go on having it. */
function isDue(tree: Tree, round: number, name: OfRound, era: RoundEra): boolean {
  return era === 'meshes' || earlierRounds(round).some((one) => fileOf(tree, name, { round: one }) !== undefined);
}

function* otherFormats(tree: Tree, era: RoundEra): Generator<string> {
  // Whether the later competition's miners have a deadline, its config.json alone says.
  const names = era === 'meshes' ? (['config', 'state', 'leader'] as const) : (['state', 'leader'] as const);
  for (const name of names) {
    const file = fileOf(tree, name, {});
    if (file === undefined) yield `won without a ${name}.json: ${UNCHECKED}`;
    else if (file.content.format !== undefined && hasOrder(file.content.format)) {
      yield `won under a ${name}.json of the ${ERAS[file.content.format.era as Era]}: ${UNCHECKED}`;
    }
  }
}

/** A matrix that stands alone. One row without its report is R1's. */
function* missingReports(tree: Tree, round: number): Generator<string> {
  const played = lastRows(tree, round).filter(
    ({ left, right }) => delivered(tree, round, left) === true && delivered(tree, round, right) === true,
  );
  const hasReport = [...tree.ofRound(round)].some((path) => tree.at(path)?.known.name === 'matchReport');
  if (played.length > 0 && !hasReport) yield `won by ${counted(played.length, 'match', 'matches')} without any report`;
}

function* missingAudits(tree: Tree, round: number): Generator<string> {
  const audits = Object.values(valueIn(tree, 'generationAudits', { round }) ?? {});
  const ended = audits.filter(({ outcome }) => outcome !== 'pending').length;
  if (ended > 0 && fileOf(tree, 'auditRequests', { round }) === undefined) {
    yield `won by ${counted(ended, 'audit')} that nobody asked for: there is no require_audit.json`;
  }
  const winMargin = rulesAt(tree, round)?.tournament.win_margin;
  const unfounded = winMargin === undefined ? [] : unfoundedPasses(tree, round, winMargin);
  if (unfounded.length > 0) {
    yield `won by ${counted(unfounded.length, 'audit')} without the reports or rows of re-runs that earlier rounds have`;
  }
}
