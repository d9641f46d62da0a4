import { type Html, html, type Part } from './html.js';
import { STYLE } from './style.js';

/** What stands on every page. */
export interface PageFrame {
  readonly title: string;
  /** Where the reader is, above the title. */
  readonly trail?: Part;
  readonly body: Part;
  /** Seconds after which a page that shows something live loads again. */
  readonly refreshSeconds?: number;
}

/** A whole page that needs nothing but itself and the pictures next to it: no script, nothing from anywhere else. */
export function pageOf({ title, trail, body, refreshSeconds }: PageFrame): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' file: data:; style-src 'unsafe-inline'">
${refreshSeconds !== undefined && html`<meta http-equiv="refresh" content="${refreshSeconds}">`}
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${trail !== undefined && html`<nav>${trail}</nav>`}
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`.text;
}

/** More columns than a telephone shows side by side. */
const MANY_COLUMNS = 4;

/** A table with a head. Cells are text unless they are HTML already. One with many columns scrolls where there is no room. */
export function table(head: readonly Part[], rows: readonly (readonly Part[])[], kind = ''): Html {
  return html`<div class="scroll"><table class="${kind}${head.length > MANY_COLUMNS && ' wide'}">
<thead><tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>\n`)}</tbody>
</table></div>`;
}

/** A word in a coloured pill. */
export function mark(word: string, tone: 'good' | 'bad' | 'accent' | 'even' = 'even'): Html {
  return html`<span class="mark ${tone}">${word}</span>`;
}

/** A number that lines up with others. */
export function figure(value: string | number): Html {
  return html`<span class="number">${value}</span>`;
}
