import { PairwiseDetail } from '@tiltyard/judge/gen3d';
import { LEADER, shortName } from '@tiltyard/schema';
import type { Duel, MatchReport } from '@tiltyard/schema/gen3d';
import { signed } from '../story/outcomes.js';
import type { RoundReport } from '../story/round-report.js';
import { type Html, html, type Part } from './html.js';
import { figure, mark, pageOf } from './layout.js';

/** A duel's pictures, as files next to the pages. */
export interface DuelPictures {
  readonly prompt: string | undefined;
  readonly left: string | undefined;
  readonly right: string | undefined;
}

export interface MatchPage {
  readonly report: RoundReport;
  readonly match: MatchReport;
  /** By the duel's name. */
  readonly pictures: ReadonlyMap<string, DuelPictures>;
  readonly nameOf: (side: MatchReport['left']) => string;
  /** The matches before and after it, to go on reading. */
  readonly neighbours: { readonly previous: MatchReport | undefined; readonly next: MatchReport | undefined };
}

/** The file name of a match's page. */
export function matchFile({ left, right }: Pick<MatchReport, 'left' | 'right'>): string {
  return `${shortName(left)}-${shortName(right)}.html`;
}

/** Every duel of a match: the prompt, both grids, and the verdict with its penalties. */
export function matchPage(page: MatchPage): string {
  const { report, match, neighbours } = page;
  const defender = match.left === LEADER ? `${report.leader} (leader)` : page.nameOf(match.left);
  const challenger = page.nameOf(match.right);
  const count = (winner: Duel['winner']) => match.duels.filter((duel) => duel.winner === winner).length;
  const reached = match.margin >= report.winMargin;
  return pageOf({
    title: `${challenger} challenges ${defender}`,
    trail: html`<a href="../index.html">Demo</a> › <a href="index.html">Round ${report.round}</a>`,
    body: html`
<p class="lead">Margin ${figure(signed(match.margin))}, ${reached ? 'which reaches' : 'which does not reach'} the
${figure(signed(report.winMargin))} that a challenger needs: ${count('right')} of ${match.duels.length} duels for
${challenger}, ${count('left')} for ${defender}, ${count('draw')} drawn.</p>
${judgedBy(match)}
${match.duels.map((duel) => duelCard(duel, page, defender, challenger))}
<div class="pair"><span>${link('‹ ', neighbours.previous, page)}</span><span>${link('', neighbours.next, page, ' ›')}</span></div>`,
  });
}

/** Who judged, if a judge was asked: outcomes that follow from the files alone need none. */
function judgedBy({ judge, duels }: MatchReport): Part {
  if (judge === undefined) return undefined;
  if (duels.every((duel) => duel.detail === undefined)) {
    return html`<p class="small soft">No judge was asked: every outcome follows from the files.</p>`;
  }
  return html`<p class="small soft">Judged by <code>${judge.models.join(', ')}</code>, ${judge.strategy}.
Each side is judged twice, in both orders; a penalty of 0 is perfect, 10 is another object.</p>`;
}

function link(before: string, match: MatchReport | undefined, { nameOf }: MatchPage, after = ''): Part {
  if (match === undefined) return undefined;
  return html`<a href="${matchFile(match)}">${before}${nameOf(match.right)} challenges ${nameOf(match.left)}${after}</a>`;
}

function duelCard(duel: Duel, page: MatchPage, defender: string, challenger: string): Html {
  const pictures = page.pictures.get(duel.name);
  const detail = PairwiseDetail.safeParse(duel.detail);
  const penalties = detail.success ? detail.data : undefined;
  const verdict = {
    right: mark(`${challenger} wins`, 'good'),
    left: mark(`${defender} wins`, 'accent'),
    draw: mark('draw'),
    skipped: mark('skipped'),
  }[duel.winner];
  return html`<section class="card" id="${duel.name}">
<div class="verdict"><h3>${duel.name}</h3> ${verdict}</div>
<div class="duel">
${shot({ file: pictures?.prompt, alt: `Prompt ${duel.name}`, caption: html`<span>prompt</span>`, none: duel.prompt })}
${shot({
  file: pictures?.left,
  alt: `${duel.name} by ${defender}`,
  caption: side(defender, penalties?.left_penalty),
  none: reasonFor(duel.name, page.match.left, page),
  won: duel.winner === 'left',
})}
${shot({
  file: pictures?.right,
  alt: `${duel.name} by ${challenger}`,
  caption: side(challenger, penalties?.right_penalty),
  none: reasonFor(duel.name, page.match.right, page),
  won: duel.winner === 'right',
})}
</div>
${duel.issues !== '' && html`<p class="issues">${duel.issues}</p>`}
${penalties !== undefined && callsOf(penalties)}
</section>\n`;
}

interface Shot {
  readonly file: string | undefined;
  readonly alt: string;
  readonly caption: Html;
  /** The text in place of a missing picture. */
  readonly none: string;
  readonly won?: boolean;
}

function shot({ file, alt, caption, none, won }: Shot): Html {
  const picture =
    file === undefined
      ? html`<div class="shot none">${none}</div>`
      : html`<img class="shot${won ? ' won' : ''}" src="../pictures/${file}" alt="${alt}" loading="lazy">`;
  return html`<figure>${picture}<figcaption>${caption}</figcaption></figure>`;
}

function side(name: string, penalty: number | undefined): Html {
  return html`<span>${name}</span>${penalty !== undefined && html`<span class="number soft">penalty ${rounded(penalty)}</span>`}`;
}

/** What each call of the judge answered, defender's penalty first. */
function callsOf({ judges, draw_threshold }: PairwiseDetail): Html {
  const calls = judges.flatMap((judge) =>
    judge.calls.map(
      ({ order, left_penalty, right_penalty }) =>
        `${order === 'left_first' ? 'defender' : 'challenger'} shown first: ${rounded(left_penalty)} against ${rounded(right_penalty)}`,
    ),
  );
  return html`<p class="issues">${calls.join(' · ')} · a difference of ${draw_threshold} or less is a draw</p>`;
}

/** Why a side has no picture, as its submitted.json says in public. */
function reasonFor(stem: string, side: MatchReport['left'], { report, nameOf }: MatchPage): string {
  const delivery = report.deliveries.find((candidate) => candidate.hotkey === side);
  const failed = delivery?.failed.find((file) => file.stem === stem);
  return failed === undefined ? `no file from ${nameOf(side)}` : `${failed.code}: ${failed.message}`;
}

function rounded(penalty: number): string {
  return String(Number(penalty.toFixed(2)));
}
