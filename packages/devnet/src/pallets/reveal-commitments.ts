import { decryptTimelock } from '@tiltyard/chain';
import type { CommitmentData } from './commitment-data.js';
import {
  commitmentOf,
  commitmentRevealed,
  type Revealed,
  revealedCommitments,
  type SubnetAccount,
  setLocked,
  timelockedIndex,
} from './commitments.js';
import { pulses } from './drand.js';
import type { Execution } from './pallet-definition.js';

/** Revealed texts that the chain keeps for a hotkey. */
const KEPT = 10;

/** Opens every commitment whose round has been signed before this block; the block of a text is this one. */
export function revealCommitments(execution: Execution): void {
  for (const entry of execution.get(timelockedIndex)) reveal(execution, entry);
}

function reveal(execution: Execution, entry: SubnetAccount): void {
  const registration = execution.get(commitmentOf, ...entry);
  if (registration === undefined) return;
  const texts: Uint8Array[] = [];
  const kept: CommitmentData[] = [];
  for (const field of registration.info.fields) {
    const pulse = field.kind === 'timelocked' ? execution.get(pulses, field.revealRound) : undefined;
    if (field.kind !== 'timelocked' || pulse === undefined) kept.push(field);
    else texts.push(...open(field.encrypted, pulse.signature));
  }
  if (kept.length === registration.info.fields.length) return;

  if (texts.length > 0) {
    const revealed = texts.map((text): Revealed => [text, BigInt(execution.block)]);
    const before = execution.get(revealedCommitments, ...entry) ?? [];
    execution.set(revealedCommitments, entry, [...before, ...revealed].slice(-KEPT));
    for (const _text of texts) execution.emit(commitmentRevealed, ...entry);
  }
  if (kept.length === 0) execution.remove(commitmentOf, ...entry);
  else execution.set(commitmentOf, entry, { ...registration, info: { fields: kept } });
  setLocked(
    execution,
    entry,
    kept.some((field) => field.kind === 'timelocked'),
  );
}

/** The text, or nothing where the bytes do not open or open to nothing: the main network drops those without an event. */
function open(encrypted: Uint8Array, signature: Uint8Array): readonly Uint8Array[] {
  try {
    const text = decryptTimelock(encrypted, signature);
    return text.length > 0 ? [text] : [];
  } catch {
    return [];
  }
}
