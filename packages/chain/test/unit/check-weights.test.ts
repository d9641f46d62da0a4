import { BlockNumber, Hotkey } from '@tiltyard/schema';
import { describe, expect, it } from 'vitest';
import { BlockHash } from '../../src/block.js';
import type { Hyperparameters, Metagraph, Neuron } from '../../src/chain.js';
import { checkWeights, type WeightsToCheck } from '../../src/submit/check-weights.js';

const OWNER = Hotkey.parse('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const VALIDATOR = Hotkey.parse('5Cwi1Kkjoq55bh3jHaHDMrc5QeMgPH6QdtdVPpZQwFgWmbDT');
const MINER = Hotkey.parse('5GzrAeiAshBr2yia5i1KqpnewJNzywxVMrSCbjm7U98RmNME');
const STRANGER = Hotkey.parse('5FQzhS8MRMGNZfCxVJaWu4n4Q6jt53zv2hxYguM4Y5fVkcHZ');

const block = { number: BlockNumber.parse(1000), hash: BlockHash.parse(`0x${'ab'.repeat(32)}`) };
const neuron = (uid: number, hotkey: Hotkey, validatorPermit: boolean, lastUpdate: number): Neuron => ({
  uid,
  hotkey,
  validatorPermit,
  active: true,
  registeredAtBlock: BlockNumber.parse(1),
  lastUpdate: BlockNumber.parse(lastUpdate),
});
const neurons = [neuron(0, OWNER, false, 1), neuron(1, VALIDATOR, true, 900), neuron(2, MINER, false, 1)];
const metagraph: Metagraph = {
  netuid: 17,
  block,
  neurons,
  byHotkey: new Map(neurons.map((each) => [each.hotkey, each])),
  ownerHotkey: OWNER,
  burnUid: 0,
};
const hyperparameters: Hyperparameters = {
  netuid: 17,
  block,
  tempo: 360,
  weightsSetRateLimit: 100,
  weightsVersionKey: 5n,
  minAllowedWeights: 2,
  commitRevealEnabled: false,
  commitRevealVersion: 4,
  revealPeriodEpochs: 1,
  immunityPeriod: 4096,
};
const fine: WeightsToCheck = {
  hotkey: VALIDATOR,
  values: new Map([
    [0, 1],
    [2, 65535],
  ]),
  versionKey: 5n,
  metagraph,
  hyperparameters,
};

function faultOf(change: Partial<WeightsToCheck>): unknown {
  try {
    checkWeights({ ...fine, ...change });
  } catch (error) {
    return (error as { fault?: unknown }).fault;
  }
  return null;
}

describe('checking weights before they are sent', () => {
  it('passes weights that the runtime would take, just as the rate limit ends', () => {
    expect(checkWeights(fine).uid).toBe(1);
  });

  it('needs a registered hotkey', () => {
    expect(faultOf({ hotkey: STRANGER })).toEqual({ code: 'not_registered', netuid: 17, hotkey: STRANGER });
  });

  it('needs a permit, except of the owner and for weight on oneself alone', () => {
    expect(faultOf({ hotkey: MINER })).toEqual({ code: 'no_permit', netuid: 17, uid: 2 });
    expect(faultOf({ hotkey: OWNER })).toBeNull();
    expect(faultOf({ hotkey: MINER, values: new Map([[2, 65535]]) })).toBeNull();
  });

  it('says how many blocks of the rate limit are left', () => {
    const limited = { ...hyperparameters, weightsSetRateLimit: 101 };
    expect(faultOf({ hyperparameters: limited })).toEqual({ code: 'too_soon', netuid: 17, uid: 1, blocksLeft: 1 });
  });

  it('needs the version key that the subnet requires, or a newer one', () => {
    expect(faultOf({ versionKey: 4n })).toEqual({ code: 'wrong_version_key', given: 4n, required: 5n });
    expect(faultOf({ versionKey: 6n })).toBeNull();
  });

  it('needs uids that exist, and enough of them', () => {
    const unknown = new Map([...fine.values, [3, 9]]);
    expect(faultOf({ values: unknown })).toEqual({ code: 'unknown_uid', netuid: 17, uid: 3 });
    expect(faultOf({ values: new Map([[2, 65535]]) })).toEqual({ code: 'too_few_weights', given: 1, required: 2 });
  });
});
