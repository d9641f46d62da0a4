import { describeUnvouched, type Snapshot } from '@tiltyard/ledger';
import { activeLeaderAt } from '@tiltyard/rules/gen3d';
import { BlockNumber } from '@tiltyard/schema';
import { type LeaderEntry, stateFiles } from '@tiltyard/schema/gen3d';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-status.js';
import { connectChain } from '../open-chain.js';
import { openRepository } from '../open-repository.js';
import type { ChainOption } from '../options/chain-option.js';
import type { RepositoryOptions } from '../options/repository-options.js';
import type { Outcome } from '../outcome.js';
import { paint, type Terminal } from '../terminal/terminal.js';

export interface LeaderOptions extends RepositoryOptions, ChainOption {
  readonly at?: number;
}

/** Who leads: at a block, now by the chain, or else the last leader on record. Exit status 1 when no one leads. */
export async function leader(options: LeaderOptions, terminal: Terminal): Promise<Outcome> {
  await using ledger = await openRepository(options, terminal);
  const snapshot = await ledger.snapshot(terminal.signal);
  // As validators read it: an entry that was written without a key is not paid.
  const { value: history, unvouched } = await snapshot.readVouched(stateFiles.leader);
  if (history === undefined) throw new CliError({ code: 'not_there', what: `leader.json at ${snapshot.commit}` });
  const block = options.at ?? (await finalizedBlock(options.network, snapshot, terminal));
  const found = block === undefined ? history.at(-1) : activeLeaderAt(history, BlockNumber.parse(block));
  const next = block === undefined ? undefined : history.find((entry) => entry.effective_block > block);
  return {
    facts: {
      block: block ?? null,
      leader: found ?? null,
      next: next ?? null,
      commit: snapshot.commit,
      unvouched: unvouched?.commit ?? null,
    },
    text: [
      found === undefined ? `No one leads${at(block)}.` : tell(found, terminal),
      ...(next === undefined
        ? []
        : [`next       ${next.hotkey} with weight ${next.weight}, from block ${next.effective_block}`]),
      ...(unvouched === undefined ? [] : [`not paid   ${describeUnvouched([unvouched])}`]),
    ].join('\n'),
    exitStatus: found === undefined ? EXIT.no : EXIT.ok,
  };
}

async function finalizedBlock(
  network: ChainOption['network'],
  snapshot: Snapshot,
  terminal: Terminal,
): Promise<number | undefined> {
  if (network === undefined) return undefined;
  const config = await snapshot.read(stateFiles.config);
  await using chain = await connectChain(network, terminal, config?.genesis_hash);
  return (await chain.finalizedHead()).number;
}

function at(block: number | undefined): string {
  return block === undefined ? '' : ` at block ${block}`;
}

function tell(entry: LeaderEntry, terminal: Terminal): string {
  return [
    `leader     ${paint(terminal, 'bold', entry.hotkey)}`,
    `weight     ${entry.weight}, from block ${entry.effective_block}`,
    `code       ${entry.repo} @ ${entry.commit}`,
    `image      ${entry.docker}`,
  ].join('\n');
}
