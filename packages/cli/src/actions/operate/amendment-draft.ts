import { generationDeadline, matchKey } from '@tiltyard/rules/gen3d';
import { BlockNumber, type Hotkey, LEADER, type Side } from '@tiltyard/schema';
import {
  type Amendment,
  type AmendmentAction,
  type Builds,
  type GenerationAudits,
  isSettledBuild,
  type MatchMatrix,
  type Submissions,
} from '@tiltyard/schema/gen3d';
import type { RoundView } from '@tiltyard/service-kit/gen3d';
import { CliError } from '../../cli-error.js';

/** An amendment before it has its number, time and reason. */
export type Correction = Amendment extends infer A
  ? A extends Amendment
    ? Omit<A, 'id' | 'at' | 'reason'>
    : never
  : never;

/** What an operator asks for: the action, and what it is about. */
export interface AmendmentOrder {
  readonly action: AmendmentAction;
  /** The words after the action, such as a hotkey or its first characters. */
  readonly subjects: readonly string[];
}

/** The round as the correction finds it. */
export interface AmendedRound {
  readonly view: RoundView;
  readonly submissions: Submissions;
  /** Builds and audits that count, see `standingBuilds` and `standingAudits`. */
  readonly builds: Builds;
  readonly audits: GenerationAudits;
  readonly matrix: MatchMatrix;
}

/**
 * The correction that an order means in a round, checked against what the round holds: an amendment that could change
 * nothing is refused, since it would stay on the public record for ever.
 *
 * @throws CliError `refused` with what is there instead, `usage` for subjects that name no hotkey or several.
 */
export function correctionOf(
  { action, subjects: [first = '', second = ''] }: AmendmentOrder,
  round: AmendedRound,
): Correction {
  switch (action) {
    case 'void_audit':
      return voidAudit(hotkeyOf(first, round), round);
    case 'retry_build':
      return retryBuild(hotkeyOf(first, round), round);
    case 'rejudge_match':
      return rejudgeMatch(sideOf(first, round), hotkeyOf(second, round), round);
    case 'exclude_hotkey':
      return excludeHotkey(hotkeyOf(first, round), round);
    case 'extend_deadline':
      return extendDeadline(Number(first), round);
    case 'pause':
      return pause(round);
    case 'resume':
      return resume(round);
  }
}

function voidAudit(hotkey: Hotkey, { audits, view }: AmendedRound): Correction {
  const outcome = audits[hotkey]?.outcome;
  if (outcome === undefined || outcome === 'pending') {
    throw refuse(`${hotkey} has no settled audit in round ${view.round} that could be voided.`);
  }
  return { action: 'void_audit', hotkey };
}

function retryBuild(hotkey: Hotkey, { builds, view }: AmendedRound): Correction {
  const status = builds[hotkey]?.status;
  if (status === undefined || !isSettledBuild(status)) {
    throw refuse(`The build of ${hotkey} in round ${view.round} is ${status ?? 'not there'}, not settled.`);
  }
  return { action: 'retry_build', hotkey };
}

function rejudgeMatch(left: Side, right: Hotkey, { matrix, view }: AmendedRound): Correction {
  const wanted = matchKey(left, right);
  if (!matrix.some((row) => matchKey(row.left, row.right as Hotkey) === wanted)) {
    throw refuse(`${left} and ${right} have played no match in round ${view.round}, in these roles.`);
  }
  return { action: 'rejudge_match', left, right };
}

function excludeHotkey(hotkey: Hotkey, { view }: AmendedRound): Correction {
  if (view.amended.excluded.has(hotkey)) throw refuse(`${hotkey} is excluded from round ${view.round} already.`);
  return { action: 'exclude_hotkey', hotkey };
}

function extendDeadline(block: number, { view }: AmendedRound): Correction {
  const { schedule, amended, stage, round } = view;
  const parsed = BlockNumber.safeParse(block);
  if (!parsed.success) throw new CliError({ code: 'usage', detail: 'extend_deadline takes a block number.' });
  const deadline = generationDeadline(schedule, amended);
  if (!['open', 'miner_generation', 'paused'].includes(stage)) {
    throw refuse(`Round ${round} is in stage ${stage}: its generation is over.`);
  }
  if (deadline === undefined || block <= deadline) {
    throw refuse(`Block ${block} is no later than the deadline of round ${round}, ${deadline ?? 'which has none'}.`);
  }
  return { action: 'extend_deadline', generation_deadline_block: parsed.data };
}

function pause({ view }: AmendedRound): Correction {
  const { stage, round, amended } = view;
  if (stage === 'paused' || stage === 'finished') throw refuse(`The competition is ${stage}.`);
  if (amended.hold.kind === 'held') {
    throw refuse(
      `Round ${round} will already be paused in stage ${amended.hold.stage}: its service has yet to write it.`,
    );
  }
  return { action: 'pause', stage };
}

function resume({ view }: AmendedRound): Correction {
  const { hold } = view.amended;
  if (hold.kind !== 'held') throw refuse(`Round ${view.round} is not held: the stage is ${view.stage}.`);
  return { action: 'resume', stage: hold.stage };
}

function sideOf(text: string, round: AmendedRound): Side {
  return text === LEADER ? LEADER : hotkeyOf(text, round);
}

/** A hotkey of the round by its first characters. */
function hotkeyOf(text: string, { submissions, view }: AmendedRound): Hotkey {
  const fitting = (Object.keys(submissions) as Hotkey[]).filter((hotkey) => text !== '' && hotkey.startsWith(text));
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  const detail =
    only === undefined
      ? `"${text}" is no hotkey with a submission in round ${view.round}.`
      : `"${text}" is the beginning of several hotkeys: ${fitting.join(', ')}.`;
  throw new CliError({ code: 'usage', detail });
}

function refuse(detail: string): CliError {
  return new CliError({ code: 'refused', detail });
}
