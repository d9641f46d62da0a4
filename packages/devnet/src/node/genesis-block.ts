import type { Genesis, GenesisSubnet } from '../options.js';
import { mint } from '../pallets/balances.js';
import { beaconConfig } from '../pallets/drand.js';
import { registerNeuron } from '../pallets/neurons.js';
import {
  burnPrice,
  commitRevealWeightsEnabled,
  immunityPeriod,
  lastEpochBlock,
  maxAllowedUids,
  mechanismCountCurrent,
  minAllowedWeights,
  networksAdded,
  revealPeriodEpochs,
  setAtUid,
  stakeThreshold,
  subnetOwner,
  subnetOwnerHotkey,
  tempo,
  totalHotkeyAlpha,
  totalNetworks,
  validatorPermit,
  weightsSetRateLimit,
  weightsVersionKey,
} from '../pallets/subtensor-storage.js';
import type { DevBeacon } from '../runtime/beacon.js';
import { BlockExecution } from '../runtime/block-execution.js';
import type { Change } from '../runtime/state-history.js';

/** The state that a chain starts with. */
export function genesisState(genesis: Genesis, beacon: DevBeacon): readonly Change[] {
  const execution = new BlockExecution(genesis.startBlock, () => undefined);
  execution.set(beaconConfig, [], beacon.configuration);
  execution.set(stakeThreshold, [], genesis.stakeThresholdRao);
  execution.set(totalNetworks, [], genesis.subnets.length);
  for (const { account, rao } of genesis.funds) mint(execution, account, rao);
  for (const subnet of genesis.subnets) addSubnet(execution, subnet);
  return execution.changes();
}

function addSubnet(execution: BlockExecution, subnet: GenesisSubnet): void {
  const { netuid, neurons } = subnet;
  const [owner] = neurons;
  execution.set(networksAdded, [netuid], true);
  execution.set(subnetOwner, [netuid], owner.coldkey);
  execution.set(subnetOwnerHotkey, [netuid], owner.hotkey);
  execution.set(tempo, [netuid], subnet.tempo);
  execution.set(lastEpochBlock, [netuid], BigInt(execution.block));
  execution.set(weightsSetRateLimit, [netuid], BigInt(subnet.weightsSetRateLimit));
  execution.set(commitRevealWeightsEnabled, [netuid], subnet.commitRevealWeights);
  execution.set(revealPeriodEpochs, [netuid], BigInt(subnet.revealPeriodEpochs));
  execution.set(minAllowedWeights, [netuid], subnet.minAllowedWeights);
  execution.set(weightsVersionKey, [netuid], BigInt(subnet.weightsVersionKey));
  execution.set(immunityPeriod, [netuid], subnet.immunityPeriod);
  execution.set(maxAllowedUids, [netuid], subnet.maxAllowedUids);
  execution.set(burnPrice, [netuid], BigInt(subnet.burnRao));
  execution.set(mechanismCountCurrent, [netuid], 1);
  for (const { hotkey, coldkey, permit, stakeRao } of neurons) {
    const uid = registerNeuron(execution, { netuid, hotkey, coldkey });
    if (permit) setAtUid(execution, validatorPermit, netuid, uid, true);
    if (stakeRao > 0n) execution.set(totalHotkeyAlpha, [hotkey, netuid], stakeRao);
  }
}
