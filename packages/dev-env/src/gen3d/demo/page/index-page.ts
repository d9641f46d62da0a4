import { signed } from '../story/outcomes.js';
import type { RoundReport } from '../story/round-report.js';
import type { LeaderRow, WeightRow } from '../story/standings.js';
import { type Html, html, type Part } from './html.js';
import { figure, mark, pageOf, table } from './layout.js';
import { timelineTable, winnerSentence } from './round-page.js';

/** What the demo's first page tells. Things that are not there yet are left out. */
export interface IndexPage {
  readonly reports: readonly RoundReport[];
  readonly leaders: readonly LeaderRow[];
  readonly weights: readonly WeightRow[];
  readonly outcomes: Readonly<Record<string, string>>;
  readonly audit: { readonly ok: boolean; readonly commits: number; readonly findings: readonly Part[] } | undefined;
  readonly deviations: readonly string[];
  readonly repository: string;
}

/** The first page: every round in short, who led with what weight, what is paid, what became of everyone. */
export function indexPage(page: IndexPage): string {
  const { reports, leaders, weights, outcomes, repository } = page;
  return pageOf({
    title: 'A competition on one machine',
    body: html`
<p class="lead">Sample miners with known manners, a judge that is no vision-language model, a chain that can jump, and the
five services as they run in production. Everything below follows from the public repository.</p>
${
  page.deviations.length > 0 &&
  html`<section class="card"><b class="bad-text">It did not end as it should.</b>
${page.deviations.map((deviation) => html`<p class="small">${deviation}</p>`)}</section>`
}
${reports.map(roundCard)}
${leaders.length > 0 && html`<h2>Leaders</h2><div class="card">${leaderTable(leaders)}</div>`}
${weights.length > 0 && html`<h2>Weights on chain</h2><div class="card">${weightTable(weights)}</div>`}
${page.audit !== undefined && auditCard(page.audit)}
${
  Object.keys(outcomes).length > 0 &&
  html`<h2>What became of everyone</h2><div class="card"><dl>${Object.entries(outcomes).map(
    ([name, text]) => html`<dt>${name}</dt><dd>${text}</dd>`,
  )}</dl></div>`
}
<footer>State repository: <code>${repository}</code></footer>`,
  });
}

function roundCard(report: RoundReport): Html {
  const folder = `round-${report.round}/index.html`;
  return html`<h2><a href="${folder}">Round ${report.round}</a></h2>
<section class="card"><p>${winnerSentence(report)} ${report.qualified.length} qualified${
    report.qualified.length > 0 && `: ${report.qualified.join(', ')}`
  }.</p>
${timelineTable(report, { links: false })}
<p class="small"><a href="${folder}">${report.matches.length} matches with every duel, audits with distances</a></p></section>`;
}

function leaderTable(leaders: readonly LeaderRow[]): Html {
  const rows = leaders.map(({ name, weight, effective_block, hotkey }) => [
    html`<b>${name}</b>`,
    figure(weight),
    figure(effective_block),
    html`<code>${hotkey}</code>`,
  ]);
  return table(['leader', 'weight', 'from block', 'hotkey'], rows);
}

function weightTable(weights: readonly WeightRow[]): Html {
  return table(
    ['uid', 'who', 'weight'],
    weights.map(({ uid, name, weight }) => [figure(uid), name, figure(signed(weight).replace('+', ''))]),
  );
}

function auditCard({ ok, commits, findings }: NonNullable<IndexPage['audit']>): Html {
  return html`<h2>Audit of the repository</h2><section class="card">
<p>${ok ? mark('no errors', 'good') : mark('errors', 'bad')} ${commits} commits replayed${
    findings.length === 0
      ? '; nothing to report'
      : `; ${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}`
  }.</p>
${findings.map((finding) => html`<p class="small">${finding}</p>`)}</section>`;
}
