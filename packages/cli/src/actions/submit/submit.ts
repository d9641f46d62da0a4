import { assertTextFits, type Chain, type ChainAddress, type Wallet } from '@tiltyard/chain';
import { type BlockNumber, BlockNumber as BlockNumberSchema, Hotkey } from '@tiltyard/schema';
import { Submission } from '@tiltyard/schema/gen3d';
import { type RoundView, readRound, subnetOf } from '@tiltyard/service-kit/gen3d';
import { CliError } from '../../cli-error.js';
import { EXIT } from '../../exit-status.js';
import { connectChain } from '../../open-chain.js';
import { openRepository } from '../../open-repository.js';
import type { RepositoryOptions } from '../../options/repository-options.js';
import type { Outcome } from '../../outcome.js';
import { plainText } from '../../terminal/plain-text.js';
import { type Tell, withProgress } from '../../terminal/progress.js';
import { columns } from '../../terminal/table.js';
import type { Terminal } from '../../terminal/terminal.js';
import { checkSubmission } from './check-submission.js';
import { chosenWallet, type WalletOptions } from './chosen-wallet.js';
import { type OnChain, readOnChain } from './on-chain.js';
import { OPENING_BLOCKS, revealBlock } from './reveal-block.js';

export interface SubmitOptions extends RepositoryOptions, WalletOptions {
  readonly network: ChainAddress;
  readonly repo?: string;
  readonly commit?: string;
  readonly cdn?: string;
  readonly netuid?: number;
  readonly allowHost?: readonly string[];
  readonly revealBlock?: number;
  readonly untilRevealed?: true;
  readonly check?: true;
  readonly hotkey?: string;
}

/** A block's usual 12 seconds, with room for a slow chain. */
const PATIENCE_MS_PER_BLOCK = 15_000;
const PATIENCE_MS = 600_000;

/**
 * Submits a miner's solution to the open round, timelocked, and confirms that the chain holds it; with `check` only tells
 * what the chain holds. Exit status 1 when the hotkey takes no part.
 */
export async function submit(options: SubmitOptions, terminal: Terminal): Promise<Outcome> {
  const fields = options.check === true ? undefined : submittedFields(options);
  const signer =
    options.check === true ? await checkedHotkey(options, terminal) : await chosenWallet(options, terminal);
  await using ledger = await openRepository(options, terminal);
  const view = await readRound(await ledger.snapshot(terminal.signal));
  await using chain = await connectChain(options.network, terminal, view.config.genesis_hash);
  const netuid = subnetOf(view, chain, options.netuid);
  if (fields === undefined) {
    return told(await readOnChain(chain, netuid, typeof signer === 'string' ? signer : signer.hotkey, view));
  }
  if (typeof signer === 'string') throw new TypeError('a submission is signed by a wallet');
  return await withProgress(terminal, `Submitting to round ${view.round}`, (tell) =>
    send({ chain, netuid, wallet: signer, view, fields, options, terminal, tell }),
  );
}

interface Sending {
  readonly chain: Chain;
  readonly netuid: number;
  readonly wallet: Wallet;
  readonly view: RoundView;
  readonly fields: Fields;
  readonly options: SubmitOptions;
  readonly terminal: Terminal;
  readonly tell: Tell;
}

async function send({ chain, netuid, wallet, view, fields, options, terminal, tell }: Sending): Promise<Outcome> {
  const { signal } = terminal;
  const { round, stage, schedule } = view;
  const head = (await chain.finalizedHead()).number;
  const revealAtBlock = revealBlock({ round, stage, schedule, head, wanted: options.revealBlock });
  tell('checking address, repository and commit');
  const warnings = await checkSubmission(fields, options.allowHost ?? [], terminal);
  tell(`encrypted until block ${revealAtBlock}; waiting for finality`);
  const receipt = await chain.submitTimelocked({ netuid, wallet, text: JSON.stringify(fields), revealAtBlock, signal });
  tell(`in block ${receipt.block.number}; reading it back`);
  let found = await readOnChain(chain, netuid, wallet.hotkey, view);
  if (found.locked?.revealRound !== receipt.revealRound && !isRevealed(found, revealAtBlock)) {
    const detail = `The chain took the submission in block ${receipt.block.number} and does not show it: run with --check.`;
    throw new CliError({ code: 'refused', detail });
  }
  if (options.untilRevealed === true) {
    tell(`waiting for its reveal at about block ${revealAtBlock + 1}`);
    found = await waitRevealed({ chain, netuid, hotkey: wallet.hotkey, view, revealAtBlock, head, signal });
  }
  const outcome = told(found);
  const { extrinsic, block, revealRound } = receipt;
  const sent = { extrinsic, block: block.number, revealRound, revealAtBlock };
  return {
    ...outcome,
    facts: { ...outcome.facts, sent, warnings },
    text: [
      `Submitted to round ${round} in block ${block.number}: ${fields.repo} @ ${fields.commit}`,
      outcome.text,
      ...warnings,
    ].join('\n'),
  };
}

/** Waits until the chain has opened the submission: at the latest some blocks after the one it was encrypted to. */
async function waitRevealed(waiting: {
  readonly chain: Chain;
  readonly netuid: number;
  readonly hotkey: Hotkey;
  readonly view: RoundView;
  readonly revealAtBlock: BlockNumber;
  readonly head: number;
  readonly signal: AbortSignal;
}): Promise<OnChain> {
  const { chain, netuid, hotkey, view, revealAtBlock, head, signal } = waiting;
  const timeoutMs = (revealAtBlock - head) * PATIENCE_MS_PER_BLOCK + PATIENCE_MS;
  for (let block = revealAtBlock + 1; ; block += 1) {
    await chain.waitForBlock(BlockNumberSchema.parse(block), { timeoutMs, signal });
    const found = await readOnChain(chain, netuid, hotkey, view);
    if (isRevealed(found, revealAtBlock) || block > revealAtBlock + 4 * OPENING_BLOCKS) return found;
  }
}

function isRevealed({ revealed }: OnChain, revealAtBlock: number): boolean {
  return revealed.some(({ block }) => block >= revealAtBlock);
}

interface Fields {
  readonly repo: string;
  readonly commit: string;
  readonly cdn_url: string;
}

/**
 * The three fields, their form checked as the collector will check it.
 *
 * @throws CliError `usage` naming the option; ChainError `commitment_too_long`.
 */
function submittedFields({ repo, commit, cdn }: SubmitOptions): Fields {
  const parsed = Submission.pick({ repo: true, commit: true, cdn_url: true }).safeParse({ repo, commit, cdn_url: cdn });
  if (parsed.success) {
    const { repo, commit, cdn_url } = parsed.data;
    assertTextFits(JSON.stringify({ repo, commit, cdn_url }));
    return { repo, commit, cdn_url };
  }
  const issue = parsed.error.issues[0];
  const option = { repo: '--repo', commit: '--commit', cdn_url: '--cdn' }[String(issue?.path[0])] ?? '--repo';
  const missing = { '--repo': repo, '--commit': commit, '--cdn': cdn }[option] === undefined;
  throw new CliError({ code: 'usage', detail: `${option} ${missing ? 'is needed' : (issue?.message ?? 'is wrong')}.` });
}

/** Whose submission is looked up: no secret is needed for that. */
async function checkedHotkey(options: SubmitOptions, terminal: Terminal): Promise<Hotkey> {
  if (options.hotkey === undefined) return (await chosenWallet(options, terminal)).hotkey;
  const parsed = Hotkey.safeParse(options.hotkey);
  if (parsed.success) return parsed.data;
  throw new CliError({ code: 'usage', detail: `--hotkey ${parsed.error.issues[0]?.message ?? 'is wrong'}.` });
}

function told(found: OnChain): Outcome {
  const { hotkey, round, window, registration, locked, revealed, submission, takesPart, why } = found;
  const rows = [
    ['hotkey', registration === null ? `${hotkey} (not registered)` : `${hotkey} (uid ${registration.uid})`],
    ['window', `round ${round}: blocks ${window.earliest} to ${window.latest}; the chain is at ${found.block}`],
    ...(locked === null
      ? []
      : [['locked', `since block ${locked.committedAtBlock}, opens at about ${locked.opensAtBlock}`]]),
    ...revealed
      .filter(({ inWindow }) => inWindow)
      .map(({ block, text }) => ['revealed', `at block ${block}: ${plainText(text)}`]),
    ...(submission === null ? [] : [['counts', `${submission.repo} @ ${submission.commit}, ${submission.cdn_url}`]]),
    [takesPart ? 'takes part' : 'takes no part', why],
  ];
  return { facts: found, text: columns(rows).join('\n'), exitStatus: takesPart ? EXIT.ok : EXIT.no };
}
