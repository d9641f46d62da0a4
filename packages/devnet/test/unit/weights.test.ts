import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DevChain } from '../../src/node/dev-chain.js';
import { type DevnetOptions, resolveAccount } from '../../src/options.js';
import { setWeights, upscale, type WeightVector } from '../../src/pallets/set-weights.js';
import { lastUpdate, weights } from '../../src/pallets/subtensor-storage.js';
import { chainOf, NETUID } from '../support/chain-of.js';

const VALIDATOR = resolveAccount('//Validator', '');
const OWNER = resolveAccount('//Owner', '');
const MINER = resolveAccount('//Miner', '');
const STRANGER = resolveAccount('//Stranger', '');
const GOOD: WeightVector = { netuid: NETUID, dests: [0, 2], weights: [1, 2], versionKey: 3n };

function aged(subnet: Partial<DevnetOptions['subnets'][number]> = {}, options: Partial<DevnetOptions> = {}): DevChain {
  const chain = chainOf({
    // A neuron of block 0 counts as never having set weights, and is not limited.
    startBlock: 10,
    subnets: [
      {
        netuid: NETUID,
        owner: { hotkey: '//Owner', stakeRao: 10 },
        validators: [{ hotkey: '//Validator', stakeRao: 10 }],
        miners: [{ hotkey: '//Miner', stakeRao: 10 }],
        commitRevealWeights: false,
        weightsVersionKey: 3,
        minAllowedWeights: 2,
        ...subnet,
      },
    ],
    ...options,
  });
  chain.jump(chain.head + 100);
  return chain;
}

/** The error by which the chain refuses, or undefined. */
function attempt(chain: DevChain, signer: typeof OWNER, vector: Partial<WeightVector> = {}): string | undefined {
  let error: string | undefined;
  chain.produce((execution) => {
    error = execution.attempt(() => setWeights(execution, signer, { ...GOOD, ...vector }))?.error;
  });
  return error;
}

describe('setting weights', () => {
  it.each([
    [
      'a subnet that commits and reveals',
      'CommitRevealEnabled',
      () => attempt(aged({ commitRevealWeights: true }), VALIDATOR),
    ],
    ['the root network', 'CommitRevealEnabled', () => attempt(aged(), VALIDATOR, { netuid: 0 })],
    [
      'uids and values of different number',
      'WeightVecNotEqualSize',
      () => attempt(aged(), VALIDATOR, { weights: [1] }),
    ],
    [
      'more uids than neurons',
      'UidsLengthExceedUidsInSubNet',
      () => attempt(aged(), VALIDATOR, { dests: [0, 1, 2, 3], weights: [1, 1, 1, 1] }),
    ],
    ['a hotkey that is not registered', 'HotKeyNotRegisteredInSubNet', () => attempt(aged(), STRANGER)],
    ['too little stake', 'NotEnoughStakeToSetWeights', () => attempt(aged({}, { stakeThresholdRao: 11 }), VALIDATOR)],
    ['an old version key', 'IncorrectWeightVersionKey', () => attempt(aged(), VALIDATOR, { versionKey: 2n })],
    [
      'a rate limit that has not passed',
      'SettingWeightsTooFast',
      () => attempt(aged({ weightsSetRateLimit: 102 }), VALIDATOR),
    ],
    ['a neuron without permit', 'NeuronNoValidatorPermit', () => attempt(aged(), MINER)],
    ['a uid twice', 'DuplicateUids', () => attempt(aged(), VALIDATOR, { dests: [2, 2] })],
    ['a uid that nobody has', 'UidVecContainInvalidOne', () => attempt(aged(), VALIDATOR, { dests: [0, 3] })],
    ['too few weights', 'WeightVecLengthIsLow', () => attempt(aged(), VALIDATOR, { dests: [0], weights: [1] })],
  ])('is refused by name for %s', (_what, error, refused) => {
    expect(refused()).toBe(error);
  });

  it('needs no permit of the subnet owner, nor for weight on oneself', () => {
    expect(attempt(aged(), OWNER)).toBeUndefined();
    expect(attempt(aged(), MINER, { dests: [2], weights: [5] })).toBeUndefined();
  });

  it('stores the vector rescaled and the block, and is limited from then on', () => {
    const chain = aged();
    expect(attempt(chain, VALIDATOR)).toBeUndefined();
    expect(chain.reader().get(weights, NETUID, 1)).toEqual([
      [0, 32_768],
      [2, 65_535],
    ]);
    expect(chain.reader().get(lastUpdate, NETUID)[1]).toBe(BigInt(chain.head));
    chain.jump(chain.head + 98);
    expect(attempt(chain, VALIDATOR)).toBe('SettingWeightsTooFast');
    expect(attempt(chain, VALIDATOR)).toBeUndefined();
  });

  it('rescales to a largest value of 65535, keeping order and ratios within one', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 65_535 }), { minLength: 1, maxLength: 64 }), (given) => {
        const scaled = upscale(given);
        const largest = Math.max(...given);
        expect(Math.max(...scaled)).toBe(largest === 0 ? 0 : 65_535);
        given.forEach((value, i) => {
          const exact = largest === 0 ? 0 : (value * 65_535) / largest;
          expect(Math.abs((scaled[i] ?? Number.NaN) - exact)).toBeLessThanOrEqual(0.5);
        });
      }),
    );
  });
});
