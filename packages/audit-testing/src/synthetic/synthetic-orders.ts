import { localLeaders, type Timeline } from '@tiltyard/rules/gen3d';
import type { BlockNumber } from '@tiltyard/schema';
import type { Amendment, AmendmentAction, Builds, GenerationResult, Generations } from '@tiltyard/schema/gen3d';
import { needed, type SyntheticRound, stateOf } from './round-context.js';
import type { SyntheticCommit, SyntheticOrder } from './synthetic-commit.js';

/** How many blocks an extended deadline is later. */
const EXTENSION_BLOCKS = 100;

/** The corrections that are ordered in a round: all of them in the last one that is played. */
export function ordersOf({ round, options }: SyntheticRound): SyntheticOrder[] {
  return round === options.rounds - 1 ? [...options.orders] : [];
}

/** The operator's commit that orders a correction. @param timeline - Whose last local leader it is about. */
export function order(
  { ledger, round }: SyntheticRound,
  action: AmendmentAction,
  timeline?: Timeline,
): SyntheticCommit {
  const known = ledger.read('amendments', { round }) ?? [];
  const facts = { id: known.length + 1, at: ledger.now.time.toISOString(), reason: `a synthetic ${action}` };
  const amendment = { ...facts, action, ...subjectOf({ ledger, round }, action, timeline) } as Amendment;
  return ledger.write('amendments', { round }, [...known, amendment]).commit('operator');
}

function subjectOf(
  { ledger, round }: Pick<SyntheticRound, 'ledger' | 'round'>,
  action: AmendmentAction,
  timeline: Timeline | undefined,
): object {
  const leader = () => needed(localLeaders(needed(timeline)).at(-1));
  switch (action) {
    case 'void_audit':
    case 'retry_build':
    case 'exclude_hotkey':
      return { hotkey: leader().hotkey };
    case 'rejudge_match':
      return { left: needed(leader().defender), right: leader().hotkey };
    case 'extend_deadline': {
      const deadline = needed(needed(ledger.read('schedule', { round })).generation_deadline_block);
      return { generation_deadline_block: (deadline + EXTENSION_BLOCKS) as BlockNumber };
    }
    case 'pause':
    case 'resume':
      return { stage: 'duels' };
  }
}

/**
 * Orders a correction of what the timeline depends on, and does what services do about it at once. What follows from that, a
 * match to be judged again or an audit to be run again, is the round's own to find out.
 */
export function* correct(
  context: SyntheticRound,
  action: SyntheticOrder,
  timeline: Timeline,
): Generator<SyntheticCommit> {
  const { ledger, round } = context;
  yield order(context, action, timeline);
  const { id } = needed((ledger.read('amendments', { round }) ?? []).at(-1));
  const leader = needed(localLeaders(timeline).at(-1)).hotkey;
  if (action === 'pause') {
    yield ledger.write('state', {}, stateOf(context, 'paused')).commit('judge-service');
    yield order(context, 'resume');
    yield ledger.write('state', {}, stateOf(context, 'duels')).commit('judge-service');
  } else if (action === 'retry_build') {
    const builds = needed(ledger.read('builds', { round }));
    const build = { ...needed(builds[leader]), amendment: id };
    const running: Builds = { ...builds, [leader]: { ...build, status: 'in_progress', docker_image: null } };
    yield ledger.write('builds', { round }, running).commit('generation-orchestrator');
    yield ledger.write('builds', { round }, { ...builds, [leader]: build }).commit('generation-orchestrator');
  } else if (action === 'void_audit') {
    const audits = needed(ledger.read('generationAudits', { round }));
    const results = Object.keys(ledger.read('generated', { round, side: leader }) ?? {});
    const nothing = Object.fromEntries(results.map((stem) => [stem, NOTHING])) as Generations;
    ledger.write('generated', { round, side: leader }, nothing);
    const reopened = { ...audits, [leader]: { ...UNCHECKED, hotkey: leader, amendment: id } };
    yield ledger.write('generationAudits', { round }, reopened).commit('generation-orchestrator');
  }
}

const NOTHING: GenerationResult = { glb: null, png: null, generation_time: 0, size: 0, attempts: 0, distance: 0 };

const UNCHECKED = {
  outcome: 'pending',
  checked_prompts: 0,
  failed_prompts: 0,
  failed_critical: 0,
  generation_time: null,
  reason: '',
} as const;
