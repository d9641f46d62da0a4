import { type BlockHash, type Chain, ChainError, type WitnessedHash } from '@tiltyard/chain';
import type { Snapshot } from '@tiltyard/ledger';
import {
  drawPrompts,
  expectedTimeOf,
  generationDeadline,
  parseSubmissionText,
  type RevealedFields,
  roundName,
  type SelectedSubmissions,
  seedOf,
  selectSubmissions,
} from '@tiltyard/rules/gen3d';
import { BLOCK_SECONDS, type Hotkey, isFault, sameValue } from '@tiltyard/schema';
import { promptOf, type Submission, type Submissions, stateFiles } from '@tiltyard/schema/gen3d';
import { lookAgainIn, lookAgainNow, lookAgainSoon, type NextLook, StateError } from '@tiltyard/service-kit';
import { type RoundView, subnetOf } from '@tiltyard/service-kit/gen3d';
import type { Ports } from './ports.js';
import type { KeptPictures } from './prompt-pictures.js';

/**
 * open: from the last reveal block on, publishes seed, prompts and submissions, and moves to miner_generation; without
 * submissions to finalizing.
 *
 * @see docs/rules.md#submissions
 */
export async function closeWindow(ports: Ports, view: RoundView): Promise<NextLook> {
  const { ledger, chain, log, notices } = ports;
  const { round, snapshot, schedule, config, amended, state } = view;
  const needed = config.chain?.min_witnesses ?? Math.min(2, chain.hosts.length);
  if (needed > chain.hosts.length) return tellTooFew(ports, round, tooFewHosts(needed, chain));
  const head = await chain.finalizedHead();
  const last = schedule.latest_reveal_block;
  if (head.number < last) {
    return lookAgainIn((last - head.number) * BLOCK_SECONDS, `reveals end at block ${last}`);
  }
  const netuid = subnetOf(view, chain, ports.netuid);
  const witnessed = await witnessOf(ports, view, needed);
  if (!('hash' in witnessed)) return witnessed;
  const { hash, witnesses } = witnessed;

  const selected = await agreedSubmissions(ports, view, needed, (one) => readSubmissions(one, netuid, hash, view));
  if (!('submissions' in selected)) return selected;
  for (const refusal of selected.refused) log.info({ round, ...refusal }, 'a reveal takes no part');
  const submissions = Object.fromEntries(
    selected.submissions.map(({ hotkey, submission }): [Hotkey, Submission] => [hotkey, submission]),
  ) as Submissions;
  const draft = snapshot.draft().write(stateFiles.submissions, { round }, submissions);
  if (selected.submissions.length === 0) {
    draft.write(stateFiles.state, {}, { ...state, stage: 'finalizing', next_stage_eta: null });
    await ledger.publish(draft);
    notices.send({
      key: `empty-${round}`,
      severity: 'warning',
      title: `Round ${round} has no submissions`,
      detail: '',
    });
    return lookAgainNow();
  }

  const pool = await snapshot.read(stateFiles.promptPool);
  if (pool === undefined) throw new StateError({ code: 'missing', path: stateFiles.promptPool.path.format({}) });
  const seed = seedOf(hash, round);
  const { prompts, poolExhausted } = drawPrompts({
    seed,
    round,
    previous: await previousPrompts(snapshot, round),
    pool,
    promptsPerRound: config.prompts_per_round,
    carryoverPrompts: config.carryover_prompts,
  });
  if (prompts.length === 0) return tellEmptyPool(ports, round);
  if (poolExhausted) log.warn({ round, prompts: prompts.length }, 'the pool has too few prompts; the round has fewer');
  const pictures = await ports.pictures.keep(prompts.map(promptOf), ports.signal);
  if (!pictures.complete) return tellMissing(ports, round, pictures);
  const deadline = generationDeadline(schedule, amended) ?? last;
  const eta = expectedTimeOf(deadline, { block: head.number, time: new Date(head.timestampMs) });
  draft
    .write(stateFiles.seed, { round }, { seed, block: last, block_hash: hash, witnesses: [...witnesses] })
    .write(stateFiles.prompts, { round }, prompts)
    .write(stateFiles.promptImages, { round }, pictures.images)
    .requires(stateFiles.promptPool, {})
    .write(stateFiles.state, {}, { ...state, stage: 'miner_generation', next_stage_eta: eta.toISOString() });
  await ledger.publish(draft);
  log.info({ round, seed, submissions: selected.submissions.length, prompts: prompts.length }, 'the window is closed');
  return lookAgainNow();
}

/**
 * The hash that the seed follows from, as enough endpoints give it; else when to look again. A window that stays open costs
 * time; a seed that one endpoint chose would cost the round.
 */
async function witnessOf(
  ports: Ports,
  { round, schedule }: RoundView,
  needed: number,
): Promise<WitnessedHash | NextLook> {
  try {
    return await ports.chain.witnessedBlockHash(schedule.latest_reveal_block, needed);
  } catch (error) {
    if (!isFault(error, ChainError, 'too_few_witnesses', 'endpoints_disagree')) throw error;
    return tellTooFew(ports, round, error.message);
  }
}

/** Without a prompt nothing can be drawn: only another pool ends that. */
function tellEmptyPool({ notices }: Ports, round: number): NextLook {
  const reason = `there are no prompts to draw round ${round} from: publish some with \`tiltyard publish prompts\``;
  const detail = `${reason}. The window stays open, and is looked at again at the next tick.`;
  notices.send({ key: `prompt-pool-${round}`, severity: 'alarm', title: 'The prompt pool is empty', detail });
  return { ...lookAgainSoon(reason), stuck: [{ kind: 'prompt_pool', reason }] };
}

/**
 * The round's submissions as enough hosts tell them; else when to look again. A node that lost a part of its state, or hides it,
 * would leave miners out, and with an empty answer end the round.
 */
async function agreedSubmissions(
  ports: Ports,
  { round }: RoundView,
  needed: number,
  read: (chain: Chain) => Promise<SelectedSubmissions>,
): Promise<SelectedSubmissions | NextLook> {
  const { chain, log } = ports;
  if (needed === 1) return await read(chain);
  const told = new Map<string, SelectedSubmissions>();
  const silent: string[] = [];
  for (const [host, answer] of await chain.askHosts(read)) {
    if (answer.status === 'fulfilled') told.set(host, answer.value);
    else {
      silent.push(host);
      log.warn({ round, host, error: answer.reason }, 'endpoint does not say what was revealed');
    }
  }
  const [first, ...others] = told.values();
  if (others.some(({ submissions }) => !sameValue(submissions, first?.submissions))) {
    const counts = [...told].map(([host, { submissions }]) => `${host} knows ${submissions.length} submissions`);
    return tellTooFew(ports, round, `Chain endpoints disagree about what was revealed: ${counts.join(', ')}`);
  }
  if (first !== undefined && told.size >= needed) return first;
  const who = [...told.keys()].join(', ') || 'none';
  const reason = `Too few endpoints say what was revealed: ${told.size} of ${needed} (${who}); no answer from ${silent.join(', ')}`;
  return tellTooFew(ports, round, reason);
}

function tooFewHosts(needed: number, { hosts }: Pick<Chain, 'hosts'>): string {
  return `config.json demands ${needed} witnesses (chain.min_witnesses), and CHAIN_ENDPOINTS names ${hosts.length}: ${hosts.join(', ')}`;
}

function tellTooFew({ notices }: Pick<Ports, 'notices'>, round: number, reason: string): NextLook {
  const title = `Round ${round}'s seed has too few witnesses`;
  notices.send({ key: `witnesses-${round}`, severity: 'alarm', title, detail: reason });
  return { ...lookAgainSoon(reason), stuck: [{ kind: 'witnesses', reason }] };
}

/**
 * A picture that cannot be fetched holds the round: the pool is the operator's, and no one could check another draw.
 */
function tellMissing({ notices, log }: Ports, round: number, { missing }: KeptPictures): NextLook {
  const [first] = missing;
  log.error({ round, missing }, 'prompt pictures cannot be had');
  const reason = `${missing.length} or more prompt pictures cannot be had, such as ${first?.url} (${first?.reason})`;
  notices.send({
    key: `prompt-images-${round}`,
    severity: 'alarm',
    title: 'Prompt pictures cannot be had: the round waits',
    detail: `Round ${round}: ${reason}. Its prompts are drawn and stay as they are: put a PNG, JPEG or WebP there.`,
  });
  return { ...lookAgainSoon(reason), stuck: [{ kind: 'prompt_pool', reason }] };
}

/**
 * The round's submissions by the chain's state at the last reveal block, so that a later reader finds the same. A
 * node that has discarded that state is asked for its newest: reveals keep their blocks, the window still holds.
 */
async function readSubmissions(
  chain: Chain,
  netuid: number,
  windowEnd: BlockHash,
  view: RoundView,
): Promise<SelectedSubmissions> {
  try {
    return await selectAt(chain, netuid, windowEnd, view);
  } catch (error) {
    if (!isFault(error, ChainError, 'state_discarded', 'unknown_block')) throw error;
    return await selectAt(chain, netuid, (await chain.finalizedHead()).hash, view);
  }
}

async function selectAt(
  chain: Chain,
  netuid: number,
  at: BlockHash,
  { config, round, schedule }: RoundView,
): Promise<SelectedSubmissions> {
  const [revealed, metagraph] = [await chain.revealedCommitments(netuid, at), await chain.metagraph(netuid, at)];
  // A subnet has at least its owner: with a node that knows no neuron, every reveal would look unregistered.
  if (metagraph.neurons.length === 0) {
    const detail = `the chain's endpoint knows no neuron of it at ${at}`;
    throw new StateError({ code: 'inconsistent', path: `subnet ${netuid}`, detail });
  }
  const reveals = new Map<Hotkey, RevealedFields[]>();
  for (const [hotkey, texts] of revealed.texts) {
    const entries = texts.flatMap(({ text, block }) => {
      const parsed = parseSubmissionText(text);
      return parsed.ok ? [{ block, ...parsed.fields }] : [];
    });
    if (entries.length > 0) reveals.set(hotkey, entries);
  }
  return selectSubmissions({
    reveals,
    schedule,
    registeredAt: (hotkey) => metagraph.byHotkey.get(hotkey)?.registeredAtBlock,
    roundName: roundName(config, round),
  });
}

/** The prompts of the last round before this one that has any. */
async function previousPrompts(snapshot: Snapshot, round: number): Promise<readonly string[]> {
  for (let before = round - 1; before >= 0; before -= 1) {
    const prompts = await snapshot.read(stateFiles.prompts, { round: before });
    if (prompts !== undefined) return prompts;
  }
  return [];
}
