import type { ChainReport } from '../legacy/era-files.js';
import { rulesAt } from '../round/round-view.js';
import type { Rule } from '../rule.js';

/** Duels of the first competition's rounds without a matrix. */
export const CHAIN_RULES: readonly Rule[] = [
  {
    id: 'R2',
    severity: 'error',
    only: 'reference',
    check(at, tell) {
      for (const { path, known, after } of at.changes) {
        const { round } = known.params;
        const report = after?.content.value as ChainReport | undefined;
        if (known.name !== 'chainReport' || round === undefined || report === undefined) continue;
        tell.looked();
        for (const detail of reportFaults(report, rulesAt(at.tree, round)?.tournament.win_margin)) {
          tell.fault({ path, detail });
        }
      }
    },
  },
];

function* reportFaults(report: ChainReport, winMargin: number | undefined): Generator<string> {
  const won = (winner: string) => report.duels.filter((duel) => duel.winner === winner).length;
  const score = won('miner') - won('leader');
  const margin = report.duels.length === 0 ? 0 : score / report.duels.length;
  if (report.score !== score) yield `the score is ${report.score}, the duels give ${score}`;
  if (report.margin !== margin) yield `the margin is ${report.margin}, the duels give ${margin}`;
  if (winMargin === undefined) return;
  const outcome = report.margin >= winMargin ? 'challenger_wins' : 'leader_defends';
  if (report.outcome !== outcome) yield `the outcome is ${report.outcome}, the margin gives ${outcome}`;
}
