import type { AuditRow, Delivery, RoundReport, TimelineRow } from './round-report.js';

/**
 * What became of every miner, one sentence a round, for people.
 *
 * @returns name → text, in the order in which miners first revealed; the leader at the start comes last.
 */
export function outcomesOf(reports: readonly RoundReport[]): Readonly<Record<string, string>> {
  const names = new Set(reports.flatMap((report) => report.submissions));
  const starter = reports[0]?.leader;
  if (starter !== undefined) names.add(starter);
  return Object.fromEntries(
    [...names].map((name) => [
      name,
      reports.flatMap((report) => sentence(report, name) ?? []).join(' ') || 'Took no part.',
    ]),
  );
}

function sentence(report: RoundReport, name: string): string | undefined {
  const row = report.timeline.find((entry) => entry.name === name);
  const told = row === undefined ? defence(report, name) : challenge(report, row);
  return told === undefined ? undefined : `Round ${report.round}: ${told}.`;
}

/** How the leader fared that did not challenge. */
function defence({ leader, winner, isDefended }: RoundReport, name: string): string | undefined {
  if (name !== leader || winner === null) return undefined;
  return isDefended ? 'defended the lead' : `lost the lead to ${winner}`;
}

function challenge(report: RoundReport, row: TimelineRow): string {
  const delivery = report.deliveries.find((candidate) => candidate.hotkey === row.hotkey);
  const audit = report.audits.find((candidate) => candidate.hotkey === row.hotkey);
  const said = [standing(report, row, audit), shortfall(delivery), sameness(delivery)].filter((part) => part !== '');
  return said.join('; ');
}

function standing(report: RoundReport, row: TimelineRow, audit: AuditRow | undefined): string {
  const met = row.margin === null ? '' : ` ${signed(row.margin)} against ${opponent(report, row)}`;
  switch (row.status) {
    case 'won':
      if (row.name === report.winner) return `won the round,${met}, and its audit passed${measured(report, audit)}`;
      return `led,${met}, until another beat it`;
    case 'rejected':
      return `led,${met}, until its audit rejected it: ${audit?.reason ?? ''}${measured(report, audit)}`;
    case 'lost':
      // The leader may challenge too, with the very files that it defends with.
      if (row.name === report.leader)
        return `${defence(report, row.name) ?? 'leads'}; as a challenger it met its own files,${met}`;
      return row.margin === row.againstLeader && row.defender === 'leader'
        ? `did not beat the leader,${met}`
        : `qualified, but did not beat ${opponent(report, row)},${met}`;
    case 'pending':
      return 'its place was still open';
  }
}

/** The distances that an audit measured, and what it accepts. */
function measured({ acceptableDistance }: RoundReport, audit: AuditRow | undefined): string {
  const distances = Object.values(audit?.distances ?? {});
  if (distances.length === 0) return '';
  return ` (distances ${distanceRange(distances)}, accepted ${acceptableDistance})`;
}

function shortfall(delivery: Delivery | undefined): string {
  if (delivery === undefined || delivery.failed.length === 0) return '';
  const codes = [...new Set(delivery.failed.map((file) => file.code))].sort();
  return `${delivery.failed.length} of ${delivery.files} files were refused (${codes.join(', ')})`;
}

function sameness(delivery: Delivery | undefined): string {
  const others = Object.entries(delivery?.sameAs ?? {});
  if (others.length === 0) return '';
  return `flagged for files identical to ${others.map(([name, files]) => `${name}'s (${files})`).join(', ')}`;
}

function opponent({ leader }: RoundReport, { defender }: TimelineRow): string {
  return defender === 'leader' ? leader : (defender ?? 'nobody');
}

/** How a challenger fared, in a word or two. */
export function standingWord({ winner, isDefended, leader }: RoundReport, row: TimelineRow): string {
  switch (row.status) {
    case 'won':
      return row.name === winner && !isDefended ? 'won the round' : 'led';
    case 'rejected':
      return row.hasLed ? 'led, then rejected' : 'rejected';
    case 'lost':
      // It met the very files that it defends with.
      return row.name === leader ? 'leads already' : 'lost';
    case 'pending':
      return 'open';
  }
}

/** A margin with its sign: +0.375, -1, 0. */
export function signed(margin: number): string {
  const text = String(Number(margin.toFixed(4)));
  return margin > 0 ? `+${text}` : text;
}

/** A distance with four decimals; what is smaller and not 0 says so. */
export function distanceText(distance: number): string {
  return distance > 0 && distance < 0.00005 ? '<0.0001' : distance.toFixed(4);
}

/** The least and the greatest of one or more distances; one figure where they read alike. */
export function distanceRange(distances: readonly number[]): string {
  const [least, most] = [distanceText(Math.min(...distances)), distanceText(Math.max(...distances))];
  return least === most ? least : `${least} to ${most}`;
}
