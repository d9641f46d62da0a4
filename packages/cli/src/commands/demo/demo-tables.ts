import {
  type DemoResult,
  distanceRange,
  type RoundReport,
  signed,
  standingWord,
  type TimelineRow,
} from '@tiltyard/dev-env/gen3d';
import { counted } from '@tiltyard/schema';
import { columns, indented } from '../../terminal/table.js';
import { paint, type Style, type Terminal } from '../../terminal/terminal.js';

/** Wide enough to read, narrow enough for half a screen. */
const WIDTH = 100;

type Painting = Pick<Terminal, 'colours'>;

/** What people read at the end of a demo: each round, the leaders, the weights, what became of everyone, and the places. */
export function demoTables(result: DemoResult, painting: Painting): string {
  const bold = (text: string) => paint(painting, 'bold', text);
  const sections: (readonly string[])[] = [
    ...result.rounds.map((report) => roundSection(report, painting)),
    [bold('Leaders'), ...indented(leaderLines(result))],
    [bold('Weights on chain'), ...indented(weightLines(result))],
    [bold('What became of everyone'), ...outcomeLines(result)],
    [bold('Audit of the repository'), ...indented(auditLines(result, painting))],
    ...(result.deviations.length === 0
      ? []
      : [[paint(painting, 'red', 'It did not end as it should'), ...indented(result.deviations)]]),
    summaryLines(result, painting),
  ];
  return sections.map((lines) => lines.join('\n')).join('\n\n');
}

function roundSection(report: RoundReport, painting: Painting): readonly string[] {
  const { round, winner, isDefended, leader, qualified, audits, deliveries } = report;
  const end =
    winner === null ? 'not over' : isDefended ? `${winner} defended the lead` : `${winner} won, ${leader} led before`;
  const refused = deliveries.filter((delivery) => delivery.failed.length > 0);
  return [
    `${paint(painting, 'bold', `Round ${round}`)}  ${end}`,
    ...indented([
      ...wrapped(`qualified: ${qualified.join(', ') || 'none'}`, WIDTH - 2),
      '',
      ...columns([
        ['challenger', 'outcome', 'against leader', 'met', 'margin', 'files'],
        ...report.timeline.map((row) => timelineCells(row, report, painting)),
      ]),
      ...(audits.length === 0 ? [] : ['', ...auditTable(report, painting)]),
      ...(refused.length === 0 ? [] : ['', ...refusedTable(report)]),
    ]),
  ];
}

const STATUS_STYLES: Readonly<Record<TimelineRow['status'], Style>> = {
  won: 'green',
  rejected: 'red',
  lost: 'dim',
  pending: 'yellow',
};

function timelineCells(row: TimelineRow, report: RoundReport, painting: Painting) {
  const { leader, deliveries } = report;
  const delivery = deliveries.find((candidate) => candidate.hotkey === row.hotkey);
  const same = Object.keys(delivery?.sameAs ?? {});
  return [
    row.name,
    paint(painting, STATUS_STYLES[row.status], standingWord(report, row)),
    row.againstLeader === null ? '-' : signed(row.againstLeader),
    row.defender === 'leader' ? `${leader} (leader)` : (row.defender ?? '-'),
    row.margin === null ? '-' : signed(row.margin),
    `${delivery?.usable ?? 0} of ${delivery?.files ?? 0}${same.length === 0 ? '' : `, same as ${same.join(', ')}`}`,
  ];
}

function auditTable({ audits, acceptableDistance, medianLimitSeconds }: RoundReport, painting: Painting) {
  const rows = audits.map(({ name, outcome, reason, generationTime, distances }) => {
    const measured = Object.values(distances);
    const span = measured.length === 0 ? '-' : distanceRange(measured);
    return {
      reason,
      cells: [
        name,
        paint(painting, outcome === 'passed' ? 'green' : outcome === 'rejected' ? 'red' : 'yellow', outcome),
        span,
        generationTime === null ? '-' : `${generationTime.toFixed(2)} s`,
      ],
    };
  });
  const [head, ...lines] = columns([
    ['audit', 'verdict', `distances (${acceptableDistance} allowed)`, `time (${medianLimitSeconds} s allowed)`],
    ...rows.map(({ cells }) => cells),
  ]);
  return [
    head ?? '',
    ...lines.flatMap((line, at) => {
      const reason = rows[at]?.reason ?? '';
      return reason === '' ? [line] : [line, ...wrapped(reason, WIDTH - 6).map((part) => `    ${part}`)];
    }),
  ];
}

/** Refused files: one line for each code, since a miner's files are mostly refused for one reason. */
function refusedTable({ deliveries }: RoundReport): readonly string[] {
  const rows = deliveries.flatMap(({ name, failed }) => {
    const codes = [...new Set(failed.map((file) => file.code))];
    return codes.map((code) => {
      const files = failed.filter((file) => file.code === code);
      return [name, code, String(files.length), clipped(files[0]?.message ?? '', WIDTH - 44)];
    });
  });
  return columns([['refused', 'code', 'files', 'reason'], ...rows]);
}

function leaderLines({ leaders }: DemoResult): readonly string[] {
  return columns([
    ['leader', 'weight', 'from block', 'hotkey'],
    ...leaders.map(({ name, weight, effective_block, hotkey }) => [
      name,
      String(weight),
      String(effective_block),
      hotkey,
    ]),
  ]);
}

function weightLines({ weights }: DemoResult): readonly string[] {
  return columns([
    ['uid', 'who', 'weight'],
    ...weights.map(({ uid, name, weight }) => [String(uid), name, weight.toFixed(4)]),
  ]);
}

function outcomeLines({ outcomes }: DemoResult): readonly string[] {
  const names = Object.keys(outcomes);
  const margin = Math.max(0, ...names.map((name) => name.length)) + 4;
  return Object.entries(outcomes).flatMap(([name, text]) =>
    wrapped(text, WIDTH - margin).map((line, at) => `${(at === 0 ? `  ${name}` : '').padEnd(margin)}${line}`),
  );
}

function auditLines({ audit }: DemoResult, painting: Painting): readonly string[] {
  const verdict = audit.ok ? paint(painting, 'green', 'no errors') : paint(painting, 'red', 'errors');
  const findings = audit.findings
    .filter((finding) => finding.severity !== 'info')
    .map(({ rule, severity, detail }) => clipped(`${rule} ${severity}: ${detail}`, WIDTH - 2));
  return [`${verdict} in ${counted(audit.commits, 'commit')}`, ...findings];
}

function summaryLines({ folder, seconds, peakPssBytes, kills, ok }: DemoResult, painting: Painting): readonly string[] {
  const took = [
    `competition ${seconds.competition.toFixed(1)} s`,
    ...(seconds.setup > 0 ? [`set-up ${seconds.setup.toFixed(1)} s`] : []),
    `memory at most ${(peakPssBytes / 2 ** 30).toFixed(2)} GiB`,
    ...(kills > 0 ? [`${kills} services killed`] : []),
  ];
  return [
    `${ok ? paint(painting, 'green', 'It ended as it should') : paint(painting, 'red', 'Failed')}: ${took.join(', ')}`,
    ...columns([
      ['page', `${folder.page}/index.html`],
      ['repository', folder.repository],
      ['logs', folder.logs],
    ]),
  ];
}

/** Lines of at most `width` characters, broken between words. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function clipped(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
