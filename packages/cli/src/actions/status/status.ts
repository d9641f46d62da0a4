import type { ChainAddress } from '@tiltyard/chain';
import { expectedTimeOf } from '@tiltyard/rules/gen3d';
import { stateFiles } from '@tiltyard/schema/gen3d';
import { CliError } from '../../cli-error.js';
import { connectChain } from '../../open-chain.js';
import { openRepository } from '../../open-repository.js';
import type { ChainOption } from '../../options/chain-option.js';
import type { RepositoryOptions } from '../../options/repository-options.js';
import type { Outcome } from '../../outcome.js';
import type { Terminal } from '../../terminal/terminal.js';
import { readStatus, type StatusFacts } from './status-facts.js';
import { type ChainProgress, statusText } from './status-text.js';

export interface StatusOptions extends RepositoryOptions, ChainOption {
  readonly round?: number;
}

/** Where a competition stands, with the time that is left by the chain's clock when a chain is given. */
export async function status(options: StatusOptions, terminal: Terminal): Promise<Outcome> {
  await using ledger = await openRepository(options, terminal);
  const snapshot = await ledger.snapshot(terminal.signal);
  const { round } = options;
  if (round !== undefined && (await snapshot.read(stateFiles.schedule, { round })) === undefined) {
    throw new CliError({ code: 'not_there', what: `round ${round} at ${snapshot.commit}` });
  }
  const facts = await readStatus(snapshot, round);
  const chain = options.network === undefined ? null : await progress(options.network, facts, terminal);
  return { facts: { ...facts, chain }, text: statusText(facts, chain, terminal) };
}

async function progress(
  address: ChainAddress,
  { stageEndsAtBlock: endsAt, network }: StatusFacts,
  terminal: Terminal,
): Promise<ChainProgress> {
  await using chain = await connectChain(address, terminal, network.genesis_hash ?? undefined);
  const { number: block, timestampMs } = await chain.finalizedHead();
  const time = new Date(timestampMs);
  return {
    block,
    time: time.toISOString(),
    stageEndsAt: endsAt === null ? null : expectedTimeOf(endsAt, { block, time }).toISOString(),
    blocksLeft: endsAt === null ? null : endsAt - block,
  };
}
