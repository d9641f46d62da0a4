import type { Hotkey } from '@tiltyard/schema';
import type { LeaderHistory } from '@tiltyard/schema/gen3d';
import { NETUID } from '../../../network/chain.js';
import type { Network } from '../../network/network.js';
import type { NameBook } from './name-book.js';

/** An entry of leader.json, with the name. */
export interface LeaderRow {
  readonly hotkey: Hotkey;
  readonly name: string;
  readonly repo: string;
  readonly commit: string;
  readonly docker: string;
  readonly weight: number;
  readonly effective_block: number;
}

/** leader.json with names. */
export function leaderRows(leaders: LeaderHistory, names: NameBook): readonly LeaderRow[] {
  return leaders.map(({ hotkey, repo, commit, docker, weight, effective_block }) => ({
    ...{ hotkey, name: names.nameOf(hotkey) },
    ...{ repo, commit, docker, weight, effective_block },
  }));
}

/** What the validator has set for one uid. */
export interface WeightRow {
  readonly uid: number;
  readonly name: string;
  readonly weight: number;
}

/** The weights on chain with the names of their uids. */
export async function weightRows(
  { chain, config: { netuid = NETUID } }: Network,
  weights: ReadonlyMap<number, number>,
  names: NameBook,
): Promise<readonly WeightRow[]> {
  const { neurons, burnUid } = await chain.metagraph(netuid);
  const hotkeys = new Map(neurons.map((neuron) => [neuron.uid, neuron.hotkey]));
  return [...weights].map(([uid, weight]) => {
    const hotkey = hotkeys.get(uid);
    return { uid, name: uid === burnUid ? 'burned' : hotkey === undefined ? 'nobody' : names.nameOf(hotkey), weight };
  });
}
