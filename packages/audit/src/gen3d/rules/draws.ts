import { Twister } from '@tiltyard/rules';
import { compareReveals, drawCarryover, drawPrompts, roundName, seedOf, sharedShortNames } from '@tiltyard/rules/gen3d';
import { counted, type Hotkey, type Severity, shortName } from '@tiltyard/schema';
import { type Config, type Stem, type Submission, stemOf } from '@tiltyard/schema/gen3d';
import type { CommitView } from '../../replay/commit-view.js';
import type { Tree } from '../../replay/tree.js';
import { timesAt } from '../commit-times.js';
import { contentRule, type Outside, type Rule, type WrittenFile } from '../rule.js';
import { fileOf, stemsOf, valueIn } from '../tree.js';

/** Who takes part in a round, and what it draws. */
export const DRAW_RULES: readonly Rule[] = [
  contentRule(
    {
      id: 'R7',
      severity: 'error',
    },
    'submissions',
    (submissions, file) => {
      const { round } = file.params;
      const schedule = valueIn(file.tree, 'schedule', { round });
      const name = valueIn(file.tree, 'config', {})?.name;
      const entries = Object.entries(submissions) as [Hotkey, Submission][];
      for (const [at, [hotkey, submission]] of entries.entries()) {
        file.looked();
        const block = submission.revealed_at_block;
        if (
          schedule !== undefined &&
          (block < schedule.earliest_reveal_block || block > schedule.latest_reveal_block)
        ) {
          const window = `${schedule.earliest_reveal_block} to ${schedule.latest_reveal_block}`;
          file.fault(`${shortName(hotkey)} was revealed at block ${block}, outside ${window}`);
        }
        // Names that the title alone was good enough for are no fault: it was not turned into a slug before.
        if (name !== undefined && ![roundName({ name }, round), `${name}-${round}`].includes(submission.round)) {
          file.fault(`${shortName(hotkey)} submitted for ${submission.round}, not for ${roundName({ name }, round)}`);
        }
        const previous = entries[at - 1];
        if (previous !== undefined && isOutOfOrder(previous, [hotkey, submission], file)) {
          file.fault(`${shortName(hotkey)} stands behind ${shortName(previous[0])}, and was before it`);
        }
      }
      for (const group of sharedShortNames(entries.map(([hotkey]) => hotkey))) {
        file.fault(`${group.join(' and ')} share their first ten characters: one of them takes part`);
      }
    },
  ),
  contentRule({ id: 'R8', severity: 'error' }, 'prompts', (prompts, file) => {
    file.looked();
    const { round } = file.params;
    const stems = stemsOf(prompts);
    const seen = new Set<Stem>();
    const twice = stems.find((stem) => seen.size === seen.add(stem).size);
    if (twice !== undefined) file.fault(`${twice} is there twice`);
    const config = valueIn(file.tree, 'config', {});
    const seed = valueIn(file.tree, 'seed', { round })?.seed;
    if (config === undefined || seed === undefined) return;
    for (const detail of drawFaults(prompts, { round, seed, config, at: file.at })) file.fault(detail);
    const changed = lateChange(file.at);
    if (changed !== undefined) file.fault(changed.detail, changed.severity);
  }),
  // The same rule, looked at where the other file comes in.
  contentRule(
    {
      id: 'R8',
      severity: 'error',
      only: 'ours',
    },
    'seed',
    async ({ seed, block, block_hash }, file, { blockHash, signal }) => {
      file.looked();
      const { round } = file.params;
      if (block === undefined || block_hash === undefined) {
        file.fault('does not say which block it was made from');
        return;
      }
      const due = seedOf(block_hash, round);
      if (seed !== due) file.fault(`the seed is ${seed}, the hash of block ${block} gives ${due}`);
      const latest = valueIn(file.tree, 'schedule', { round })?.latest_reveal_block;
      if (latest !== undefined && block !== latest) {
        file.fault(`made from block ${block}; the last block of the reveals is ${latest}`);
      }
      const prompts = valueIn(file.at.parent, 'prompts', { round });
      const config = valueIn(file.tree, 'config', {});
      // Prompts that were there before their seed were held against none.
      if (prompts !== undefined && config !== undefined) {
        for (const detail of drawFaults(prompts, { round, seed, config, at: file.at })) file.fault(detail);
      }
      if (blockHash !== undefined) await checkHash(file, { block, block_hash, blockHash, signal });
    },
  ),
  contentRule(
    {
      id: 'R8w',
      severity: 'error',
      only: 'ours',
    },
    'seed',
    ({ witnesses = [] }, file) => {
      const needed = valueIn(file.tree, 'config', {})?.chain?.min_witnesses;
      if (needed === undefined) return;
      file.looked();
      const hosts = new Set(witnesses.map((host) => host.toLowerCase())).size;
      if (hosts < needed) file.fault(`${hosts} of ${needed} witnesses stand by the hash of the seed's block`);
    },
  ),
];

async function checkHash(
  file: WrittenFile<'seed'>,
  facts: Required<Pick<Outside, 'blockHash'>> & {
    readonly signal: AbortSignal | undefined;
    readonly block: number;
    readonly block_hash: string;
  },
): Promise<void> {
  const { block, block_hash, blockHash, signal } = facts;
  try {
    const onChain = await blockHash(block);
    if (onChain.toLowerCase() !== block_hash.toLowerCase()) {
      file.fault(`the hash of block ${block} is ${onChain} on chain, not ${block_hash}`);
    }
  } catch (error) {
    signal?.throwIfAborted();
    file.fault(`the chain did not tell the hash of block ${block}: ${(error as Error).message.slice(0, 200)}`, 'info');
  }
}

/** Ours breaks ties by hotkey; the reference left them in the chain's order. */
function isOutOfOrder(
  [hotkeyA, a]: readonly [Hotkey, Submission],
  [hotkeyB, b]: readonly [Hotkey, Submission],
  { at }: WrittenFile<'submissions'>,
): boolean {
  if (at.dialect === 'reference') return a.revealed_at_block > b.revealed_at_block;
  return compareReveals({ hotkey: hotkeyA, submission: a }, { hotkey: hotkeyB, submission: b }) > 0;
}

interface DrawFacts {
  readonly round: number;
  readonly seed: number;
  readonly config: Config;
  readonly at: CommitView;
}

function* drawFaults(prompts: readonly string[], { round, seed, config, at }: DrawFacts): Generator<string> {
  const { prompts_per_round: promptsPerRound, carryover_prompts: carryoverPrompts } = config;
  const draw = { seed, round, previous: previousPrompts(at.tree, round), promptsPerRound, carryoverPrompts };
  const carried = drawCarryover(new Twister(seed), draw);
  const differs = carried.findIndex((line, index) => line !== prompts[index]);
  if (differs >= 0) {
    yield `prompt ${differs + 1} should be carried over: ${stemOf(carried[differs] ?? '')}`;
    return;
  }
  const pool = poolOf(at);
  if (pool === undefined) {
    if (prompts.length !== promptsPerRound) yield `${counted(prompts.length, 'prompt')} instead of ${promptsPerRound}`;
    return;
  }
  const due = drawPrompts({ ...draw, pool }).prompts;
  if (due.join('\n') === prompts.join('\n')) return;
  if (at.dialect === 'reference' && plainDraw(carried, pool, draw).join('\n') === prompts.join('\n')) return;
  if (due.length !== prompts.length) yield `${counted(prompts.length, 'prompt')}, where the seed draws ${due.length}`;
  else
    yield `the seed draws other prompts, from number ${due.findIndex((line, index) => line !== prompts[index]) + 1} on`;
}

/** What prompts are drawn from; undefined where that is not known. Ours draws from nothing where there is no pool. */
function poolOf({ parent, tree, dialect }: CommitView): readonly string[] | undefined {
  const known = valueIn(parent, 'promptPool', {}) ?? valueIn(tree, 'promptPool', {});
  if (known !== undefined || dialect === 'reference') return known;
  const isThere = [parent, tree].some((one) => fileOf(one, 'promptPool', {}) !== undefined);
  return isThere ? undefined : [];
}

/**
 * A pool that changed while the round's reveals were open. The draw is from the new one, as operators may have wanted; once
 * the reveals are over, the seed is known, and whoever changes the pool then chooses the prompts.
 */
function lateChange(at: CommitView): { readonly detail: string; readonly severity: Severity } | undefined {
  const { poolChange, startsAtMs } = timesAt(at);
  if (at.dialect !== 'ours' || poolChange === undefined) return undefined;
  const isLate = startsAtMs !== undefined && poolChange.atMs >= startsAtMs;
  const when = isLate ? 'once its reveals were over, so that the seed was known' : 'while its reveals were open';
  return {
    detail: `drawn from a pool that was changed in ${poolChange.commit.slice(0, 7)}, ${when}`,
    severity: isLate ? 'error' : 'warn',
  };
}

/** The reference's draw: what repeats stays. */
function plainDraw(
  carried: readonly string[],
  pool: readonly string[],
  draw: Parameters<typeof drawCarryover>[1] & { readonly seed: number; readonly promptsPerRound: number },
): readonly string[] {
  const twister = new Twister(draw.seed);
  drawCarryover(twister, draw);
  const count = draw.promptsPerRound - carried.length;
  return [...carried, ...(pool.length <= count ? pool : twister.sample(pool, Math.max(0, count)))];
}

/** How many rounds in a row may have had no prompts. */
const ROUNDS_LOOKED_BACK = 100;

/** The prompts of the last round before this one that has any. */
function previousPrompts(tree: Tree, round: number): readonly string[] {
  for (let earlier = round - 1; earlier >= 0 && earlier >= round - ROUNDS_LOOKED_BACK; earlier -= 1) {
    const prompts = valueIn(tree, 'prompts', { round: earlier });
    if (prompts !== undefined && prompts.length > 0) return prompts;
  }
  return [];
}
