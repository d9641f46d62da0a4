import type { Hotkey } from '@tiltyard/schema';
import { z } from 'zod';
import type { BlockHash } from '../block.js';
import type { Commitment, CommitmentField, RevealedCommitments } from '../chain.js';
import type { Connection } from '../connection/connection.js';
import { STORAGE } from '../runtime-names.js';
import { decodeCommitmentText } from './commitment-text.js';
import { readEntries, readStorage, stateAt } from './state.js';
import { Address, Bytes, SmallU64 } from './storage-shapes.js';

/** The runtime keeps the last ten; if an endpoint gives more, only ten are read. */
const MAX_REVEALS = 10;

type Registration = NonNullable<z.infer<typeof STORAGE.commitmentOf.shape>>;

const Timelocked = z.object({ encrypted: Bytes, revealRound: SmallU64 });

/** Reads every opened commitment that the chain keeps for a subnet. Texts are whatever miners wrote. */
export async function readRevealed(
  connection: Connection,
  netuid: number,
  at?: BlockHash,
): Promise<RevealedCommitments> {
  const state = await stateAt(connection, at);
  const entries = await readEntries(state, STORAGE.revealedCommitments, netuid, Address);
  const texts = new Map(
    entries.map(([hotkey, reveals]) => [
      hotkey,
      (reveals ?? []).slice(-MAX_REVEALS).map(([bytes, block]) => ({ text: decodeCommitmentText(bytes), block })),
    ]),
  );
  return { netuid, block: state.block, texts };
}

/** Reads the commitment that a hotkey has on chain, or null. */
export async function readCommitment(
  connection: Connection,
  netuid: number,
  hotkey: Hotkey,
  at?: BlockHash,
): Promise<Commitment | null> {
  const state = await stateAt(connection, at);
  const found = await readStorage(state, STORAGE.commitmentOf, [netuid, hotkey]);
  return found === null ? null : commitmentFrom(found);
}

/** Reads the commitments of all hotkeys of a subnet. */
export async function readCommitments(
  connection: Connection,
  netuid: number,
  at?: BlockHash,
): Promise<ReadonlyMap<Hotkey, Commitment>> {
  const state = await stateAt(connection, at);
  const entries = await readEntries(state, STORAGE.commitmentOf, netuid, Address);
  return new Map(entries.flatMap(([hotkey, found]) => (found === null ? [] : [[hotkey, commitmentFrom(found)]])));
}

function commitmentFrom({ block, info }: Registration): Commitment {
  return { block, fields: info.fields.flatMap(Object.entries).map(([name, value]) => fieldFrom(name, value)) };
}

/** A variant of the runtime's `Data`, as JSON: its name in camel case, and its content. */
function fieldFrom(name: string, value: unknown): CommitmentField {
  const timelocked = name === 'timelockEncrypted' ? Timelocked.safeParse(value) : undefined;
  if (timelocked?.success) return { kind: 'timelocked', ...timelocked.data };
  const bytes = /^(raw\d+|bigRaw)$/.test(name) ? Bytes.safeParse(value) : undefined;
  if (bytes?.success) return { kind: 'raw', bytes: bytes.data, text: decodeCommitmentText(bytes.data) };
  return { kind: 'other', name };
}
