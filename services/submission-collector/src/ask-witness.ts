import type { Prompt } from '@tiltyard/schema/gen3d';
import type { Ports } from './ports.js';

/**
 * Asks somebody who is no miner, so that it shows whether our own network works: a prompt's host, or in a round of
 * texts alone the state repository's. Without a witness a single miner that lets us wait could hold such a round up.
 *
 * @throws LedgerError when the repository is the witness and is out of reach
 */
export async function askWitness(
  { connectivity, ledger, signal }: Pick<Ports, 'connectivity' | 'ledger' | 'signal'>,
  prompts: readonly Prompt[],
): Promise<void> {
  const prompt = prompts.find((candidate) => candidate.kind === 'image');
  if (prompt !== undefined) return await connectivity.probe(prompt.url, signal);
  await ledger.snapshot(signal);
  connectivity.vouch('the state repository');
}
