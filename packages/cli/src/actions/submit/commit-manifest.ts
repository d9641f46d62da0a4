import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { generationDeadline } from '@tiltyard/rules/gen3d';
import { counted, type Sha256 } from '@tiltyard/schema';
import { type Manifest, type ManifestCommitment, Stem } from '@tiltyard/schema/gen3d';
import { readRound, subnetOf } from '@tiltyard/service-kit/gen3d';
import { sha256Of } from '@tiltyard/store';
import { CliError } from '../../cli-error.js';
import { readInput, writeOutput } from '../../files.js';
import { connectChain } from '../../open-chain.js';
import { openRepository } from '../../open-repository.js';
import type { ChainOption } from '../../options/chain-option.js';
import type { RepositoryOptions } from '../../options/repository-options.js';
import type { Outcome } from '../../outcome.js';
import { withProgress } from '../../terminal/progress.js';
import type { Terminal } from '../../terminal/terminal.js';
import { chosenWallet, type WalletOptions } from './chosen-wallet.js';

export interface ManifestOptions extends RepositoryOptions, WalletOptions, ChainOption {
  readonly netuid?: number;
  readonly dryRun?: true;
}

/**
 * Writes the manifest of a folder of GLBs next to them and commits its hash on chain, in clear: a later copy of the files
 * then counts as a copy.
 *
 * @throws CliError `refused` outside the blocks in which a commitment counts; ChainError.
 */
export async function commitManifest(folder: string, options: ManifestOptions, terminal: Terminal): Promise<Outcome> {
  const manifest = await manifestOf(folder, terminal);
  const bytes = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
  const commitment: ManifestCommitment = { manifest: sha256Of(bytes) };
  const file = path.join(folder, 'manifest.json');
  const files = Object.keys(manifest).length;
  if (options.dryRun === true) {
    return {
      facts: { file, files, ...commitment, block: null, dryRun: true },
      text: `${file} would list ${counted(files, 'file')}, sha256 ${commitment.manifest} (nothing written or committed: dry run)`,
    };
  }
  if (options.network === undefined) {
    throw new CliError({ code: 'usage', detail: 'Which chain? Give --network finney, or its URL.' });
  }
  const wallet = await chosenWallet(options, terminal);
  await using ledger = await openRepository(options, terminal);
  const view = await readRound(await ledger.snapshot(terminal.signal));
  await using chain = await connectChain(options.network, terminal, view.config.genesis_hash);
  const netuid = subnetOf(view, chain, options.netuid);
  const { number: head } = await chain.finalizedHead();
  const from = view.schedule.latest_reveal_block;
  const until = generationDeadline(view.schedule, view.amended) ?? from;
  if (head < from || head >= until) {
    const detail = `A manifest of round ${view.round} counts when it is committed after block ${from} and by block ${until}; the chain is at ${head}`;
    throw new CliError({ code: 'refused', detail });
  }
  await writeOutput(file, bytes, terminal);
  const receipt = await withProgress(terminal, 'Committing the manifest', () =>
    chain.setCommitment({ netuid, wallet, bytes: Buffer.from(JSON.stringify(commitment)), signal: terminal.signal }),
  );
  const { number: block } = receipt.block;
  return {
    facts: { file, files, ...commitment, block, dryRun: false },
    text: `Committed to ${counted(files, 'file')} in block ${block}. Now upload them together with ${file}.`,
  };
}

/** @throws CliError `file` for a folder that cannot be read, `not_there` without GLBs, `invalid` for a name that is no prompt's. */
async function manifestOf(folder: string, terminal: Terminal): Promise<Manifest> {
  const names = await readdir(path.resolve(terminal.cwd, folder)).catch((cause: unknown) => {
    throw new CliError({ code: 'file', path: folder, detail: 'not a folder that can be read' }, { cause });
  });
  const glbs = names.filter((name) => name.endsWith('.glb')).sort();
  if (glbs.length === 0) throw new CliError({ code: 'not_there', what: `.glb file in ${folder}` });
  const manifest: Record<Stem, Sha256> = {};
  for (const name of glbs) {
    const stem = Stem.safeParse(name.slice(0, -'.glb'.length));
    if (!stem.success) throw new CliError({ code: 'invalid', what: name, detail: 'is not named after a prompt' });
    manifest[stem.data] = sha256Of(await readInput(path.join(folder, name), MAX_GLB_BYTES, terminal));
  }
  return manifest;
}

/** The most that any round's rules are known to allow. */
const MAX_GLB_BYTES = 209_715_200;
