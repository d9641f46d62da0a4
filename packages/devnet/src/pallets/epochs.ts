import type { Execution } from './pallet-definition.js';
import { lastEpochBlock, subnetEpochIndex, tempo } from './subtensor-storage.js';

/** The block at which a subnet's next epoch starts. */
export function nextEpochBlock(execution: Pick<Execution, 'get'>, netuid: number): number {
  return Number(execution.get(lastEpochBlock, netuid)) + execution.get(tempo, netuid);
}

/** Starts a subnet's epoch where its block has come. Nothing is emitted in an epoch here; it only counts. */
export function startEpochWhenDue(execution: Execution, netuid: number): void {
  if (execution.block < nextEpochBlock(execution, netuid)) return;
  execution.set(lastEpochBlock, [netuid], BigInt(execution.block));
  execution.set(subnetEpochIndex, [netuid], execution.get(subnetEpochIndex, netuid) + 1n);
}
