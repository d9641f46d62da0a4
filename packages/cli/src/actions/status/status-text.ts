import { counted, networkText } from '@tiltyard/schema';
import type { LeaderEntry } from '@tiltyard/schema/gen3d';
import { plainText } from '../../terminal/plain-text.js';
import { columns, indented } from '../../terminal/table.js';
import { paint, type Style, type Terminal } from '../../terminal/terminal.js';
import { type ChallengerStatus, type FileCounts, NO_REASON, type StatusFacts } from './status-facts.js';

/** Where the chain is, and when the stage should end by it. */
export interface ChainProgress {
  readonly block: number;
  readonly time: string;
  readonly stageEndsAt: string | null;
  readonly blocksLeft: number | null;
}

/** How many files changed without a key are named; the first ones show where to look. */
const MAX_UNVOUCHED = 5;

/** A competition's status for people. */
export function statusText(facts: StatusFacts, chain: ChainProgress | null, terminal: Terminal): string {
  const bold = (text: string) => paint(terminal, 'bold', text);
  const head = columns([
    ['competition', bold(facts.name)],
    ['network', plainText(networkText(facts.network))],
    ['round', String(facts.round)],
    ['stage', `${paint(terminal, facts.stage === 'paused' ? 'yellow' : 'cyan', facts.stage)}${until(facts, chain)}`],
    ['reveals', `blocks ${facts.schedule.earliest_reveal_block} to ${facts.schedule.latest_reveal_block}`],
    ['generation', `until block ${facts.schedule.generation_deadline_block ?? '(not set)'}`],
    ...(chain === null ? [] : [['chain', `block ${chain.block}, ${chain.time}`]]),
    ['leader', facts.leader === null ? 'none' : leaderLine(facts.leader)],
    ...(facts.prompts === 0 ? [] : [['prompts', String(facts.prompts)]]),
    ...(facts.baseline === null ? [] : [['baseline', counts(facts.baseline)]]),
    ...(facts.next === null ? [] : [['now', facts.next]]),
    ...(facts.winner === null ? [] : [['winner', bold(facts.winner.winner_hotkey)]]),
    ['state', `${facts.commit.slice(0, 10)} of ${facts.committedAt}`],
    ...facts.unvouched.slice(0, MAX_UNVOUCHED).map((file) => [paint(terminal, 'red', 'no key'), unvouchedLine(file)]),
  ]);
  return [...head, ...challengers(facts, terminal), ...reasons(facts), ...amendments(facts)].join('\n');
}

/** Whom the round's challengers play, and from when on it is paid. */
function leaderLine({ hotkey, weight, effective_block }: LeaderEntry): string {
  return `${hotkey}, weight ${weight} from block ${effective_block}`;
}

function unvouchedLine({ path, commit, problem, change }: StatusFacts['unvouched'][number]): string {
  const what = path === '' ? 'the whole repository' : plainText(path);
  const says = change === undefined ? '' : `; ${plainText(change)}`;
  return `services wait: ${what} was changed by ${commit.slice(0, 10)}: ${plainText(problem)}${says}`;
}

function until({ nextStageEta, stageEndsAtBlock }: StatusFacts, chain: ChainProgress | null): string {
  if (chain !== null && chain.blocksLeft !== null) {
    if (chain.blocksLeft <= 0) return `, ended at block ${stageEndsAtBlock}: its service is due`;
    return `, until block ${stageEndsAtBlock} (${counted(chain.blocksLeft, 'block')}, about ${chain.stageEndsAt})`;
  }
  if (stageEndsAtBlock !== null)
    return `, until block ${stageEndsAtBlock}${nextStageEta === null ? '' : ` (about ${nextStageEta})`}`;
  return nextStageEta === null ? '' : `, until about ${nextStageEta}`;
}

function challengers({ challengers: all, winMargin }: StatusFacts, terminal: Terminal): readonly string[] {
  if (all.length === 0) return [];
  const rows = all.map((one) => [
    one.hotkey.slice(0, 10),
    String(one.revealedAtBlock),
    one.build ?? '-',
    one.submitted === null ? '-' : counts(one.submitted),
    percent(one.timeline?.againstLeader),
    played(one),
    one.timeline === null ? '-' : paint(terminal, STATUS_STYLE[one.timeline.status] ?? 'white', one.timeline.status),
    audits(one),
  ]);
  const header = ['hotkey', 'revealed', 'build', 'files', 'vs leader', 'timeline', 'status', 'audits'];
  return [
    '',
    `Challengers in order of reveal (a win takes a margin of ${percent(winMargin)}):`,
    ...indented(columns([header, ...rows])),
  ];
}

/** The match that the timeline gives a challenger; one that is passed over has none. */
function played({ timeline }: ChallengerStatus): string {
  if (timeline === null || timeline.defender === null) return '-';
  return `${percent(timeline.margin)} vs ${timeline.defender.slice(0, 10)}`;
}

const STATUS_STYLE: Readonly<Record<string, Style>> = { won: 'green', lost: 'dim', rejected: 'red', pending: 'yellow' };

function audits({ generationAudit, sourceAudit }: ChallengerStatus): string {
  const said = [
    ...(generationAudit === null ? [] : [`generation ${generationAudit.outcome}`]),
    ...(sourceAudit === null ? [] : [`source ${sourceAudit}`]),
  ];
  return said.length === 0 ? '-' : said.join(', ');
}

/** Why challengers were rejected, and why files are missing: what their miners ask first. */
function reasons({ challengers: all }: StatusFacts): readonly string[] {
  const lines = all.flatMap((one) => [
    ...(one.generationAudit?.outcome === 'rejected'
      ? [`${one.hotkey.slice(0, 10)} rejected: ${plainText(one.generationAudit.reason)}`]
      : []),
    // The reference's files give no reasons; a list of these would say nothing.
    ...(one.submitted === null || Object.keys(one.submitted.failed).every((code) => code === NO_REASON)
      ? []
      : [`${one.hotkey.slice(0, 10)} without a file: ${failures(one.submitted)}`]),
  ]);
  return lines.length === 0 ? [] : ['', 'Why:', ...indented(lines)];
}

function amendments({ amendments: all }: StatusFacts): readonly string[] {
  if (all.length === 0) return [];
  const lines = all.map(({ id, at, action, reason }) => `${id}. ${action}, ${at}: ${plainText(reason)}`);
  return ['', 'Amendments:', ...indented(lines)];
}

function counts({ usable, prompts }: FileCounts): string {
  return `${usable}/${prompts}`;
}

function failures({ failed }: FileCounts): string {
  return Object.entries(failed)
    .map(([code, number]) => `${number} ${code}`)
    .join(', ');
}

function percent(margin: number | null | undefined): string {
  if (margin === null || margin === undefined) return '-';
  return `${margin > 0 ? '+' : ''}${(margin * 100).toFixed(1)}%`;
}
