import {
  auditRequestsDue,
  auditVerdict,
  buildTag,
  deriveTimeline,
  drawPrompts,
  imageName,
  leaderTransition,
  marginsOf,
  nextRules,
  RulesError,
  scheduleNextRound,
  seedOf,
  selectSubmissions,
  standings,
  type Timeline,
  thresholdsOf,
  winnerOf,
} from '@tiltyard/rules';
import {
  type Build,
  type Builds,
  type Config,
  type Generations,
  type Hotkey,
  LEADER,
  type MatchReport,
  type Rules,
  type Side,
  type Stage,
  type Stem,
  type Submissions,
  stemOf,
} from '@tiltyard/schema';
import type { SyntheticCommit, SyntheticOptions } from './synthetic-commit.js';
import {
  type SyntheticMiner,
  syntheticMatch,
  syntheticMiners,
  syntheticRerun,
  syntheticResult,
} from './synthetic-content.js';
import { type SyntheticLedger, syntheticBlockHash } from './synthetic-ledger.js';

const IMAGES = 'registry.synthetic.invalid/competition/{hotkey10}:{tag}';
/** One miner in so many cannot make again what it submitted. */
const DISHONEST_EVERY = 5;

/** What a round is played with. */
export interface SyntheticRound {
  readonly round: number;
  readonly ledger: SyntheticLedger;
  readonly options: Required<SyntheticOptions>;
  readonly config: Config;
}

/** Plays a round from the opening of its reveals to the opening of the next one's. */
export function* playRound(context: SyntheticRound): Generator<SyntheticCommit> {
  yield* open(context);
  yield* build(context);
  yield* leaderBaseline(context);
  yield moveTo(context, 'downloading');
  yield* download(context);
  yield moveTo(context, 'duels');
  yield* duel(context);
  yield* finalize(context);
}

function rulesOf({ ledger, config, round }: SyntheticRound): Rules {
  return thresholdsOf(config, ledger.read('rules', { round }));
}

function promptsOf({ ledger, round }: SyntheticRound): readonly string[] {
  return ledger.read('prompts', { round }) ?? [];
}

function minersOf({ options, round }: SyntheticRound): readonly SyntheticMiner[] {
  return syntheticMiners(options.miners, options.seed, round);
}

function stateOf({ round }: SyntheticRound, stage: Stage) {
  return { current_round: round, stage, next_stage_eta: null };
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
    roundName: `${config.name}-${round}`,
  });
  const byHotkey = Object.fromEntries(submissions.map(({ hotkey, submission }) => [hotkey, submission])) as Submissions;
  const isOurs = options.dialect === 'ours';
  ledger.write('seed', { round }, isOurs ? { seed, block, block_hash: hash } : { seed });
  ledger.write('prompts', { round }, prompts).write('submissions', { round }, byHotkey);
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
  ledger.waitFor(needed(ledger.read('schedule', { round })).generation_deadline_block ?? 0);
}

function* download(context: SyntheticRound): Generator<SyntheticCommit> {
  const { ledger, round } = context;
  for (const { hotkey, index } of minersOf(context)) {
    for (const part of inBatches(filesOf(context, hotkey, index), context)) {
      yield ledger.write('submitted', { round, side: hotkey }, part).commit('submission-collector');
    }
  }
}

function filesOf(context: SyntheticRound, side: Side, index: number): Generations {
  const { round, options } = context;
  const entries = promptsOf(context).map((line) => {
    const stem = stemOf(line);
    return [stem, syntheticResult(stem, { side, round, index }, options.dialect === 'ours')];
  });
  return Object.fromEntries(entries) as Generations;
}

/** The same map growing, the last one whole. */
function* inBatches(all: Generations, { options }: SyntheticRound): Generator<Generations> {
  const entries = Object.entries(all);
  for (let batch = 1; batch <= options.batches; batch += 1) {
    yield Object.fromEntries(entries.slice(0, Math.ceil((entries.length * batch) / options.batches))) as Generations;
  }
}

function* duel(context: SyntheticRound): Generator<SyntheticCommit> {
  const { ledger, round, config } = context;
  const reports = new Map<string, MatchReport>();
  for (;;) {
    const timeline = timelineOf(context);
    const { next } = timeline;
    if (next.kind === 'decided') {
      const leaders = needed(ledger.read('leader', {}));
      const builds = needed(ledger.read('builds', { round }));
      ledger.write('winner', { round }, winnerOf(next.winner, { leaders, builds }));
      yield ledger.write('state', {}, stateOf(context, 'finalizing')).commit('judge-service');
      return;
    }
    if (next.kind === 'await')
      throw new Error(`round ${round} of ${config.name} waits for ${JSON.stringify(next.events)}`);
    const { left, right } = next.match;
    const report = play(context, left, right);
    reports.set(`${left} ${right}`, report);
    ledger.write('matchReport', { round, side: right, left: left.slice(0, 10) }, report);
    const rows = ledger.read('matchMatrix', { round }) ?? [];
    ledger.write('matchMatrix', { round }, [...rows, { left, right, margin: report.margin }]);
    const requested = requestAudits(context, reports);
    yield ledger.commit('judge-service');
    for (const hotkey of requested) yield* audit(context, hotkey);
  }
}

function play(context: SyntheticRound, left: Side, right: Hotkey): MatchReport {
  const { ledger, round, options } = context;
  const miners = new Map(minersOf(context).map((miner) => [miner.hotkey as Side, miner.skill]));
  return syntheticMatch({
    left,
    right,
    round,
    prompts: promptsOf(context),
    leftFiles: ledger.read(left === LEADER ? 'generated' : 'submitted', { round, side: left }) ?? {},
    rightFiles: ledger.read('submitted', { round, side: right }) ?? {},
    edge: (miners.get(right) ?? 0.5) - (miners.get(left) ?? 0.5),
    options,
  });
}

/** Writes the audit requests that the timeline now calls for. @returns the hotkeys. */
function requestAudits(context: SyntheticRound, reports: ReadonlyMap<string, MatchReport>): readonly Hotkey[] {
  const { ledger, round } = context;
  const { win_margin: winMargin, max_mismatched_margin: maxMismatchedMargin } = rulesOf(context).tournament;
  const requested = ledger.read('auditRequests', { round }) ?? [];
  const due = auditRequestsDue({
    timeline: timelineOf(context),
    requested,
    report: (left, right) => reports.get(`${left} ${right}`),
    seed: needed(ledger.read('seed', { round })).seed,
    winMargin,
    maxMismatchedMargin,
  });
  if (due.length > 0) ledger.write('auditRequests', { round }, [...requested, ...due]);
  return due.map(({ hotkey }) => hotkey);
}

/** Runs a local leader's container again and gives the verdict. */
function* audit(context: SyntheticRound, hotkey: Hotkey): Generator<SyntheticCommit> {
  const { ledger, round } = context;
  const miner = minersOf(context).find((one) => one.hotkey === hotkey);
  const submitted = ledger.read('submitted', { round, side: hotkey }) ?? {};
  const builds = needed(ledger.read('builds', { round }));
  if (builds[hotkey]?.status === 'success') {
    for (const part of inBatches(syntheticRerun(submitted, (miner?.index ?? 0) % DISHONEST_EVERY !== 3), context)) {
      yield ledger.write('generated', { round, side: hotkey }, part).commit('generation-orchestrator');
    }
  }
  const requests = ledger.read('auditRequests', { round }) ?? [];
  const verdict = auditVerdict({
    hotkey,
    criticalPrompts: requests.find((request) => request.hotkey === hotkey)?.critical_prompts ?? ([] as Stem[]),
    submitted,
    generated: ledger.read('generated', { round, side: hotkey }) ?? {},
    build: builds[hotkey],
    runComplete: true,
    rules: rulesOf(context),
  });
  const audits = ledger.read('generationAudits', { round }) ?? {};
  yield ledger.write('generationAudits', { round }, { ...audits, [hotkey]: verdict }).commit('generation-orchestrator');
}

function timelineOf(context: SyntheticRound): Timeline {
  const { ledger, round } = context;
  const { tournament } = rulesOf(context);
  return deriveTimeline({
    hotkeys: Object.keys(needed(ledger.read('submissions', { round }))) as Hotkey[],
    margin: marginsOf(ledger.read('matchMatrix', { round }) ?? []),
    standing: standings({
      generationAudits: ledger.read('generationAudits', { round }) ?? {},
      sourceAudits: [],
      requireSourceAudit: tournament.require_source_audit,
    }),
    winMargin: tournament.win_margin,
    leaderBaselineComplete: true,
  });
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

function needed<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('a synthetic round lacks a file that an earlier stage writes');
  return value;
}
