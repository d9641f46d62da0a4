import { Html } from './html.js';

/** The look of all pages: one column of cards, light or dark as the reader's system is. */
export const STYLE = new Html(`
:root { color-scheme: light dark; --page: #f5f4f1; --card: #fff; --ink: #1c1b19; --soft: #6a665f; --line: #e2dfd8;
  --good: #1d7a46; --good-tint: #e2f3e8; --bad: #b3261e; --bad-tint: #fbe6e4; --even: #696352; --even-tint: #efece4;
  --accent: #7a3fb0; --accent-tint: #f0e6f9; }
@media (prefers-color-scheme: dark) {
  :root { --page: #151412; --card: #1f1d1a; --ink: #edeae4; --soft: #a39d92; --line: #37332d; --good: #6fce97;
    --good-tint: #1b3325; --bad: #f2938b; --bad-tint: #3d2020; --even: #bdb5a3; --even-tint: #322e27;
    --accent: #c9a2ee; --accent-tint: #33253f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 28px 20px 64px; }
nav { font-size: 14px; color: var(--soft); margin-bottom: 6px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -.01em; }
h2 { font-size: 20px; margin: 36px 0 12px; }
h3 { font-size: 16px; margin: 22px 0 8px; }
p { margin: 6px 0; } .lead { font-size: 17px; color: var(--soft); max-width: 75ch; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 2px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 16px 18px; margin: 12px 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 15px; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: 13px; padding: 4px 14px 6px 0; white-space: nowrap; }
td { border-top: 1px solid var(--line); padding: 7px 14px 7px 0; vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
.mark { display: inline-block; border-radius: 999px; padding: 1px 10px; font-size: 13px; font-weight: 600; white-space: nowrap;
  background: var(--even-tint); color: var(--even); }
.mark.good { background: var(--good-tint); color: var(--good); } .mark.bad { background: var(--bad-tint); color: var(--bad); }
.mark.accent { background: var(--accent-tint); color: var(--accent); }
.soft { color: var(--soft); } .small { font-size: 14px; } .bad-text { color: var(--bad); } .good-text { color: var(--good); }
code { font: 13px/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
td code { white-space: nowrap; } .name { white-space: nowrap; }
.bars { display: grid; grid-template-columns: max-content 1fr max-content; gap: 3px 12px; align-items: center; font-size: 14px; }
.bar { position: relative; height: 10px; border-radius: 5px; background: var(--even-tint); }
.bar > i { position: absolute; left: 0; top: 0; bottom: 0; border-radius: 5px; min-width: 3px; background: var(--good); }
.bar > i.over { background: var(--bad); }
.bar > b { position: absolute; top: -3px; bottom: -3px; width: 2px; background: var(--ink); opacity: .55; }
.matrix td, .matrix th { text-align: center; padding: 6px 10px; } .matrix th:first-child, .matrix td:first-child { text-align: left; }
.matrix a { text-decoration: none; font-weight: 600; }
.duel { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 5fr) minmax(0, 5fr); gap: 14px; }
figure { margin: 0; } figcaption { font-size: 14px; margin-top: 6px; display: flex; gap: 8px; justify-content: space-between; align-items: baseline; }
.shot { width: 100%; aspect-ratio: 1; object-fit: contain; background: #fff; border-radius: 8px; border: 1px solid var(--line); display: block; }
.shot.won { outline: 3px solid var(--good); outline-offset: -1px; }
.none { display: grid; place-items: center; text-align: center; padding: 16px; background: var(--bad-tint); color: var(--bad); font-size: 14px;
  overflow-wrap: anywhere; }
.verdict { display: flex; flex-wrap: wrap; gap: 8px 14px; align-items: baseline; margin-bottom: 12px; }
.verdict h3 { margin: 0; }
.issues { margin: 10px 0 0; font-size: 14px; color: var(--soft); overflow-wrap: anywhere; }
.pair { display: flex; justify-content: space-between; margin: 18px 0; font-size: 14px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 6px 18px; margin: 0; } dt { font-weight: 600; } dd { margin: 0; }
footer { margin-top: 40px; font-size: 14px; color: var(--soft); }
@media (max-width: 700px) { .duel { grid-template-columns: 1fr 1fr; } .duel figure:first-child { grid-column: 1 / -1; max-width: 60%; }
  .wide { min-width: 640px; } main { padding: 18px 12px 48px; } dl { grid-template-columns: 1fr; gap: 2px; } dd { margin-bottom: 10px; } }
`);
