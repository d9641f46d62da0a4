import { z } from 'zod';
import { Sha256 } from '../names.js';
import { Stem } from './names.js';

/**
 * manifest.json on a miner's CDN: prompt stem → sha256 of its GLB. Not a state file: it proves who had a file first, once
 * its own hash is committed on chain.
 *
 * @see docs/rules.md#copies
 */
export const Manifest = z.record(Stem, Sha256);
export type Manifest = Readonly<Record<Stem, Sha256>>;

/** What a miner commits on chain, in clear: the sha256 of its manifest.json's bytes. */
export const ManifestCommitment = z.object({ manifest: Sha256 });
export type ManifestCommitment = z.infer<typeof ManifestCommitment>;
