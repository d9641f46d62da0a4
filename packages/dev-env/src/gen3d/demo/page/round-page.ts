import { LEADER, type Side } from '@tiltyard/schema';
import type { MatchReport } from '@tiltyard/schema/gen3d';
import { distanceText, signed, standingWord } from '../story/outcomes.js';
import type { AuditRow, RoundReport, TimelineRow } from '../story/round-report.js';
import { type Html, html, type Part } from './html.js';
import { figure, mark, pageOf, table } from './layout.js';
import { matchFile } from './match-page.js';

/** A round: who qualified, the timeline, the audits and what they measured, files that were refused, every match. */
export function roundPage(report: RoundReport, nameOf: (side: Side) => string): string {
  return pageOf({
    title: `Round ${report.round}`,
    trail: html`<a href="../index.html">Demo</a>`,
    body: html`
<p class="lead">${winnerSentence(report)}</p>
<h2>Timeline</h2>
<p class="soft">In order of reveal. A challenger needs a margin of ${figure(signed(report.winMargin))} against the leader to
qualify, and again against the leader at that time.</p>
<div class="card">${timelineTable(report, { links: true })}</div>
${
  report.audits.length > 0 &&
  html`<h2>Audits</h2><p class="soft">A challenger that leads is run again: its container makes the files again, and
the distance between both renders must not be over ${figure(report.acceptableDistance)} (the line in each bar).</p>
${report.audits.map((audit) => auditCard(audit, report))}`
}
<h2>Matches</h2>
<div class="card">${matrixTable(report, nameOf)}</div>
${refusedFiles(report)}`,
  });
}

/** Who won, in a sentence. */
export function winnerSentence({ winner, isDefended, leader, submissions }: RoundReport): Html {
  if (winner === null) return html`The round is not over.`;
  if (isDefended) return html`<b>${winner}</b> defended the lead against ${submissions.length} submissions.`;
  return html`<b>${winner}</b> won against ${submissions.length - 1} others and takes the lead from ${leader}.`;
}

const TONES = { won: 'good', rejected: 'bad', lost: 'even', pending: 'accent' } as const;

/** The timeline of a round, in order of reveal. */
export function timelineTable(report: RoundReport, { links }: { readonly links: boolean }): Html {
  const rows = report.timeline.map((row) => [
    html`<b>${row.name}</b>`,
    mark(standingWord(report, row), TONES[row.status]),
    figure(row.againstLeader === null ? '–' : signed(row.againstLeader)),
    row.defender === null ? '–' : row.defender === LEADER ? `${report.leader} (leader)` : row.defender,
    metMargin(report, row, links),
    notesOn(report, row),
  ]);
  return table(['challenger', 'outcome', 'v leader', 'met', 'margin', 'notes'], rows);
}

function metMargin({ matches, leader }: RoundReport, row: TimelineRow, links: boolean): Part {
  if (row.margin === null) return '–';
  const text = figure(signed(row.margin));
  const match = matches.find(
    ({ left, right, margin }) =>
      right === row.hotkey &&
      margin === row.margin &&
      (left === LEADER) === (row.defender === LEADER || row.defender === leader),
  );
  return links && match !== undefined ? html`<a href="${matchFile(match)}">${text}</a>` : text;
}

/** What else is to be said: files that were refused, and copies. */
function notesOn({ deliveries, audits }: RoundReport, { hotkey, hasLed, status }: TimelineRow): Html {
  const delivery = deliveries.find((candidate) => candidate.hotkey === hotkey);
  const audit = audits.find((candidate) => candidate.hotkey === hotkey);
  const copies = Object.entries(delivery?.sameAs ?? {});
  const notes: Part[] = [
    status === 'rejected' && audit !== undefined && html`<span class="bad-text">${audit.reason}</span>`,
    hasLed && status !== 'rejected' && audit?.outcome === 'passed' && html`<span class="good-text">audit passed</span>`,
    (delivery?.failed.length ?? 0) > 0 && `${delivery?.failed.length} of ${delivery?.files} files refused`,
    ...copies.map(([name, files]) => `${files} files identical to ${name}’s`),
  ].filter((note) => note !== false);
  return html`<span class="small soft">${notes.map((note, index) => [index > 0 && html`<br>`, note])}</span>`;
}

function auditCard({ name, outcome, reason, generationTime, distances }: AuditRow, report: RoundReport): Html {
  const entries = Object.entries(distances);
  const scale = Math.max(report.acceptableDistance * 1.25, ...entries.map(([, distance]) => distance));
  const share = (distance: number) => `${((100 * Math.max(distance, 0)) / scale).toFixed(2)}%`;
  const late = generationTime !== null && generationTime > report.medianLimitSeconds;
  return html`<section class="card">
<div class="verdict"><h3>${name}</h3> ${mark(outcome, outcome === 'passed' ? 'good' : outcome === 'rejected' ? 'bad' : 'accent')}
${generationTime !== null && html`<span class="small ${late ? 'bad-text' : 'soft'}">made a file in ${generationTime.toFixed(2)} s, ${report.medianLimitSeconds} s allowed</span>`}</div>
${reason !== '' && html`<p class="small bad-text">${reason}</p>`}
<div class="bars">${entries.map(
    ([stem, distance]) => html`<span>${stem}</span>
<span class="bar"><i class="${distance > report.acceptableDistance ? 'over' : ''}" style="width:${share(distance)}"></i><b style="left:${share(report.acceptableDistance)}"></b></span>
<span class="number">${distanceText(distance)}</span>\n`,
  )}</div>
${entries.length < report.prompts.length && html`<p class="small soft">${entries.length} of ${report.prompts.length} prompts were made again: the rest could not have changed the verdict.</p>`}
</section>\n`;
}

/** Every match that was played: defenders down, challengers across. */
function matrixTable({ matches, timeline, leader, winMargin }: RoundReport, nameOf: (side: Side) => string): Html {
  const challengers = timeline.map((row) => row.hotkey);
  const defenders: readonly Side[] = [
    LEADER,
    ...challengers.filter((hotkey) => matches.some((match) => match.left === hotkey)),
  ];
  const cell = (match: MatchReport | undefined): Part =>
    match !== undefined &&
    html`<a class="number ${match.margin >= winMargin ? 'good-text' : ''}" href="${matchFile(match)}">${signed(match.margin)}</a>`;
  const rows = defenders.map((left) => [
    left === LEADER ? html`<b>${leader}</b> (leader)` : html`<b>${nameOf(left)}</b>`,
    ...challengers.map((right) => cell(matches.find((match) => match.left === left && match.right === right))),
  ]);
  return table(['defends ↓ challenges →', ...challengers.map(nameOf)], rows, 'matrix');
}

/** Every file that was refused, with the reason that its miner can read in public. */
function refusedFiles({ deliveries }: RoundReport): Part {
  const failed = deliveries.flatMap(({ name, failed: files }) => files.map((file) => ({ name, ...file })));
  if (failed.length === 0) return undefined;
  const rows = failed.map(({ name, stem, code, message }) => [
    name,
    html`<span class="name">${stem}</span>`,
    html`<code>${code}</code>`,
    html`<span class="small">${message}</span>`,
  ]);
  return html`<h2>Files that were refused</h2><div class="card">${table(['miner', 'prompt', 'code', 'reason'], rows)}</div>`;
}
