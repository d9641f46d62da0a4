import type { Hotkey } from '@tiltyard/schema';
import type { Hyperparameters, Metagraph, Neuron } from '../chain.js';
import { ChainError } from '../chain-error.js';

export interface WeightsToCheck {
  readonly hotkey: Hotkey;
  /** uid → 1…65535. */
  readonly values: ReadonlyMap<number, number>;
  readonly versionKey: bigint;
  /** Both of the same block. */
  readonly metagraph: Metagraph;
  readonly hyperparameters: Hyperparameters;
}

/**
 * Refuses weights that the runtime would refuse, for the reasons that state tells; returns the validator's neuron.
 *
 * The order is the runtime's (`set_weights`). What only the runtime knows, such as the stake threshold, stays its
 * business. Throws `not_registered`, `wrong_version_key`, `too_soon`, `no_permit`, `unknown_uid`, `too_few_weights`.
 */
export function checkWeights({ hotkey, values, versionKey, metagraph, hyperparameters }: WeightsToCheck): Neuron {
  const { netuid, block, byHotkey, neurons, burnUid } = metagraph;
  const neuron = byHotkey.get(hotkey);
  if (neuron === undefined) throw new ChainError({ code: 'not_registered', netuid, hotkey });
  const { uid, lastUpdate, validatorPermit } = neuron;

  const required = hyperparameters.weightsVersionKey;
  if (versionKey < required) throw new ChainError({ code: 'wrong_version_key', given: versionKey, required });

  const blocksLeft = lastUpdate === 0 ? 0 : hyperparameters.weightsSetRateLimit - (block.number - lastUpdate);
  if (blocksLeft > 0) throw new ChainError({ code: 'too_soon', netuid, uid, blocksLeft });

  // Weight on oneself alone needs no permit and counts as enough; nor does the subnet's owner need a permit.
  const isSelfWeight = values.size === 1 && values.has(uid);
  if (!validatorPermit && uid !== burnUid && !isSelfWeight) throw new ChainError({ code: 'no_permit', netuid, uid });

  const known = new Set(neurons.map((other) => other.uid));
  for (const target of values.keys()) {
    if (!known.has(target)) throw new ChainError({ code: 'unknown_uid', netuid, uid: target });
  }
  const least = hyperparameters.minAllowedWeights;
  if (values.size < least && !isSelfWeight) {
    throw new ChainError({ code: 'too_few_weights', given: values.size, required: least });
  }
  return neuron;
}
