import { CharacterName } from '../../miners/characters.js';
import { expectedLeader, isHonest } from './field.js';
import type { RoundReport, TimelineRow } from './round-report.js';

/**
 * How a competition of sample miners differs from what their characters make certain: who wins each round, that
 * a miner that cheats, copies or is late leads at most until an audit, and that honest work is not rejected.
 *
 * @returns one sentence for each difference; none for a competition that ended as it should.
 */
export function deviationsOf(reports: readonly RoundReport[]): readonly string[] {
  return reports.flatMap((report) => [
    ...winnerDeviations(report),
    ...report.timeline.flatMap((row) => standingDeviations(report, row)),
    ...report.deliveries.flatMap(({ name, files }) =>
      files === report.prompts.length ? [] : [`round ${report.round}: ${name} has ${files} entries in submitted.json`],
    ),
    ...duplicateDeviations(report),
  ]);
}

function winnerDeviations({ round, leader, submissions, winner }: RoundReport): readonly string[] {
  const expected = expectedLeader(
    CharacterName.parse(leader),
    submissions.map((name) => CharacterName.parse(name)),
  );
  return winner === expected ? [] : [`round ${round}: ${winner ?? 'nobody'} won, not ${expected}`];
}

function standingDeviations({ round, audits }: RoundReport, { name, status, hasLed }: TimelineRow): readonly string[] {
  const outcome = audits.find((audit) => audit.name === name)?.outcome;
  const honest = isHonest(CharacterName.parse(name));
  const deviations: string[] = [];
  if (status === 'pending') deviations.push(`round ${round}: the place of ${name} is still open`);
  if (honest && outcome === 'rejected') deviations.push(`round ${round}: ${name} is honest, but was rejected`);
  if (!honest && hasLed && outcome !== 'rejected') {
    deviations.push(`round ${round}: ${name} led and was not rejected`);
  }
  return deviations;
}

/** A copycat's files are another's, so both carry the flag. */
function duplicateDeviations({ round, deliveries }: RoundReport): readonly string[] {
  const copied = ['copycat', 'faithful'].map((name) => deliveries.find((delivery) => delivery.name === name));
  const [copy, original] = copied;
  if (copy === undefined || original === undefined) return [];
  return [copy, original]
    .filter(({ sameAs }) => Object.keys(sameAs).length === 0)
    .map(({ name }) => `round ${round}: the files of ${name} are not flagged as duplicates`);
}
