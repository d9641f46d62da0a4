import type { LiveStatus } from '../live-status.js';
import { html } from './html.js';
import { pageOf, table } from './layout.js';

const REFRESH_SECONDS = 2;

/** The page of a demo that is running: it loads itself again every other second. */
export function livePage({ phase, round, stage, services, memoryBytes, rounds, lately }: LiveStatus): string {
  return pageOf({
    title: round === null ? 'A competition is starting' : `Round ${round}: ${stage ?? ''}`,
    refreshSeconds: REFRESH_SECONDS,
    body: html`
<p class="lead">${phase}</p>
${
  rounds.length > 0 &&
  html`<section class="card"><p>Over so far: ${rounds.map(
    (over, index) =>
      html`${index > 0 && ', '}<a href="round-${over.round}/index.html">round ${over.round}</a>, won by <b>${over.winner}</b>`,
  )}. <a href="index.html">The page so far</a></p></section>`
}
<h2>Services</h2>
<div class="card">${table(
      ['service', 'last said'],
      Object.entries(services).map(([name, says]) => [html`<b>${name}</b>`, says]),
    )}
<p class="small soft">All processes use ${(memoryBytes / 2 ** 30).toFixed(2)} GiB.</p></div>
<h2>Lately</h2>
<div class="card">${lately.map((line) => html`<p class="small">${line}</p>`)}</div>`,
  });
}
