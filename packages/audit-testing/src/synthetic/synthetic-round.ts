import { RulesError } from '@tiltyard/rules';
import {
  buildTag,
  drawPrompts,
  findDuplicates,
  generationDeadline,
  imageName,
  leaderTransition,
  nextRules,
  projectAmendments,
  revealOrder,
  roundName,
  scheduleNextRound,
  seedOf,
  selectSubmissions,
} from '@tiltyard/rules/gen3d';
import { type Hotkey, LEADER, shortName } from '@tiltyard/schema';
import type { Build, Builds, Generations, Stage, Submissions } from '@tiltyard/schema/gen3d';
import { filesOf, inBatches, minersOf, needed, rulesOf, type SyntheticRound, stateOf } from './round-context.js';
import type { SyntheticCommit } from './synthetic-commit.js';
import { syntheticPictures } from './synthetic-content.js';
import { duel } from './synthetic-duels.js';
import { syntheticBlockHash } from './synthetic-ledger.js';
import { order, ordersOf } from './synthetic-orders.js';

/** Which miner copies the first one, and how many files. */
const COPIER = 1;
const COPIED = 2;
const IMAGES = 'registry.synthetic.invalid/competition/{hotkey10}:{tag}';

/** Plays a round from the opening of its reveals to the opening of the next one's. */
export function* playRound(context: SyntheticRound): Generator<SyntheticCommit> {
  yield* open(context);
  yield* build(context);
  yield* leaderBaseline(context);
  yield moveTo(context, 'downloading');
  yield* download(context);
  flagCopies(context);
  yield moveTo(context, 'duels');
  yield* duel(context);
  yield* finalize(context);
}

function moveTo(context: SyntheticRound, stage: Stage): SyntheticCommit {
  return context.ledger.write('state', {}, stateOf(context, stage)).commit('submission-collector');
}

function* open(context: SyntheticRound): Generator<SyntheticCommit> {
  const { ledger, round, config, options } = context;
  const schedule = needed(ledger.read('schedule', { round }));
  ledger.waitFor(schedule.latest_reveal_block + 2);
  const block = schedule.latest_reveal_block;
  const hash = syntheticBlockHash(block);
  const seed = seedOf(hash, round);
  const { prompts } = drawPrompts({
    seed,
    round,
    previous: (round === 0 ? undefined : ledger.read('prompts', { round: round - 1 })) ?? [],
    pool: needed(ledger.read('promptPool', {})),
    promptsPerRound: config.prompts_per_round,
    carryoverPrompts: config.carryover_prompts,
  });
  const reveals = minersOf(context).map(({ hotkey, index, commit }) => {
    const reveal = {
      block: (schedule.latest_reveal_block - 500 + Math.floor(index / 2)) as typeof block,
      repo: `miners/solver-${index}`,
      commit,
      cdn_url: `https://cdn${index}.synthetic.invalid/files`,
    };
    return [hotkey, [reveal]] as const;
  });
  const { submissions } = selectSubmissions({
    reveals: new Map(reveals),
    schedule,
    registeredAt: () => 0,
    roundName: roundName(config, round),
  });
  const byHotkey = Object.fromEntries(submissions.map(({ hotkey, submission }) => [hotkey, submission])) as Submissions;
  const isOurs = options.dialect === 'ours';
  ledger.write('seed', { round }, isOurs ? { seed, block, block_hash: hash } : { seed });
  ledger.write('prompts', { round }, prompts).write('submissions', { round }, byHotkey);
  if (isOurs) ledger.write('promptImages', { round }, syntheticPictures(prompts));
  yield ledger.write('state', {}, stateOf(context, 'miner_generation')).commit('submission-collector');
}

function* build({ ledger, round, options }: SyntheticRound): Generator<SyntheticCommit> {
  const submissions = Object.entries(needed(ledger.read('submissions', { round }))) as [Hotkey, Submissions[Hotkey]][];
  for (let batch = 0; batch <= options.batches; batch += 1) {
    const builds = submissions.map(([hotkey, submission], index): [Hotkey, Build] => {
      const { repo, commit, revealed_at_block } = needed(submission);
      const tag = buildTag(needed(submission));
      const isDone = index < (submissions.length * batch) / options.batches;
      const status = !isDone ? 'pending' : index % 13 === 12 ? 'failure' : 'success';
      const docker_image = status === 'success' ? imageName(IMAGES, hotkey, tag) : null;
      return [hotkey, { repo, commit, revealed_at_block, tag, status, docker_image }];
    });
    yield ledger.write('builds', { round }, Object.fromEntries(builds) as Builds).commit('generation-orchestrator');
  }
}

function* leaderBaseline(context: SyntheticRound): Generator<SyntheticCommit> {
  const { ledger, round } = context;
  const all = filesOf(context, LEADER, 0);
  for (const part of inBatches(all, context)) {
    yield ledger.write('generated', { round, side: LEADER }, part).commit('generation-orchestrator');
  }
  if (ordersOf(context).includes('extend_deadline')) yield order(context, 'extend_deadline');
  const amended = projectAmendments(ledger.read('amendments', { round }) ?? []);
  ledger.waitFor(generationDeadline(needed(ledger.read('schedule', { round })), amended) ?? 0);
}

function* download(context: SyntheticRound): Generator<SyntheticCommit> {
  const { ledger, round } = context;
  for (const { hotkey, index } of minersOf(context)) {
    for (const part of inBatches(submittedBy(context, hotkey, index), context)) {
      yield ledger.write('submitted', { round, side: hotkey }, part).commit('submission-collector');
    }
  }
}

/**
 * What a miner submitted. Ours measures no time of files that it only fetches, where the reference took the miner's word; and
 * one of the miners copies.
 */
function submittedBy(context: SyntheticRound, hotkey: Hotkey, index: number): Generations {
  const files = filesOf(context, hotkey, index);
  if (context.options.dialect === 'reference') return files;
  const original = minersOf(context).find((miner) => miner.index === 0);
  const isCopier = index === COPIER && original !== undefined;
  const copied = isCopier ? Object.entries(filesOf(context, original.hotkey, 0)).slice(0, COPIED) : [];
  const entries = [...Object.entries(files), ...copied].map(([stem, result]) => [
    stem,
    { ...result, generation_time: 0 },
  ]);
  return Object.fromEntries(entries) as Generations;
}

/** Flags the copies, in the commit that the matches begin with. */
function flagCopies({ ledger, round, options }: SyntheticRound): void {
  if (options.dialect === 'reference') return;
  const hotkeys = revealOrder(needed(ledger.read('submissions', { round })));
  const filesBy = (side: Hotkey) => ledger.read('submitted', { round, side }) ?? {};
  const submitted = hotkeys.map((hotkey) => [hotkey, filesBy(hotkey)] as const);
  const flagged = new Map<Hotkey, Generations>();
  for (const { stem, hotkeys: copiers } of findDuplicates(new Map(submitted))) {
    for (const hotkey of copiers) {
      const files = flagged.get(hotkey) ?? filesBy(hotkey);
      const duplicates = copiers.filter((other) => other !== hotkey).map(shortName);
      flagged.set(hotkey, { ...files, [stem]: { ...needed(files[stem]), duplicates } });
    }
  }
  for (const [side, files] of flagged) ledger.write('submitted', { round, side }, files);
}

function* finalize(context: SyntheticRound): Generator<SyntheticCommit> {
  const { ledger, round, config, options } = context;
  const next = scheduleNextRound(config, ledger.read('schedule', { round }), ledger.now);
  if (next.kind === 'finished') throw new RulesError({ code: 'round_out_of_range', round: round + 1 });
  const history = needed(ledger.read('leader', {}));
  const weights = { weightDecay: config.weight_decay, weightFloor: config.weight_floor };
  const winner = needed(ledger.read('winner', { round }));
  const entry = leaderTransition(history, winner, weights, next.schedule.latest_reveal_block);
  ledger.write('schedule', { round: round + 1 }, next.schedule);
  if (options.dialect === 'ours') {
    const rules = rulesOf(context);
    ledger.write('rules', { round: round + 1 }, nextRules(config, rules, rules.software));
  }
  if (entry !== undefined) ledger.write('leader', {}, [...history, entry]);
  const state = { current_round: round + 1, stage: 'open' as const, next_stage_eta: next.start.toISOString() };
  yield ledger.write('state', {}, state).commit('round-manager');
}
