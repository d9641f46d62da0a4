import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Wallet, walletFromUri } from '@tiltyard/chain';
import { type ImageManifest, localSourceName } from '@tiltyard/pods';
import { type Hotkey, Secret } from '@tiltyard/schema';
import { minerUri } from '../../network/chain.js';
import { ownEntry, PROJECT_ROOT } from '../../network/entries.js';
import type { NetworkLayout } from '../../network/layout.js';
import type { CharacterName } from '../miners/characters.js';

/** A miner of the local network. */
export interface NetworkMiner {
  readonly name: string;
  readonly character: CharacterName;
  readonly wallet: Wallet;
  readonly hotkey: Hotkey;
  readonly repo: string;
  readonly commit: string;
}

/** A miner with its key and its code's name. Names are characters' names: one miner of each. */
export async function networkMiner(character: CharacterName): Promise<NetworkMiner> {
  const wallet = await walletFromUri(new Secret(minerUri(character)));
  return {
    name: character,
    character,
    wallet,
    hotkey: wallet.hotkey,
    repo: `sample-miners/${character}`,
    commit: createHash('sha1').update(`sample miner ${character}`).digest('hex'),
  };
}

/** What a sample miner's container runs, as the local builder finds it where GitHub would have the miner's code. */
export function containerManifest(
  miner: NetworkMiner,
  layout: NetworkLayout,
  models: string | undefined,
): ImageManifest {
  return {
    command: process.execPath,
    args: [ownEntry('container-main')],
    env: {
      CHARACTER: miner.character,
      CATALOGUE: layout.catalogue,
      ...(models === undefined ? {} : { MODELS: models }),
    },
    cwd: PROJECT_ROOT,
  };
}

/** Publishes a miner's code where the local builder looks for it. */
export async function publishSource(
  miner: NetworkMiner,
  layout: NetworkLayout,
  models: string | undefined,
): Promise<void> {
  const file = path.join(layout.sources, localSourceName(miner));
  await writeFile(file, JSON.stringify(containerManifest(miner, layout, models), null, 2));
}
