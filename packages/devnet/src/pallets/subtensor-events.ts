import { accountId, h256, u16, u64 } from '../scale/codec.js';
import { errorsOf, event, field } from './pallet-definition.js';

export const SUBTENSOR_INDEX = 7;

export const SUBTENSOR_ERRORS = {
  HotKeyNotRegisteredInSubNet: 4,
  NotEnoughStakeToSetWeights: 10,
  NotEnoughBalanceToStake: 12,
  NeuronNoValidatorPermit: 15,
  WeightVecNotEqualSize: 16,
  DuplicateUids: 17,
  UidVecContainInvalidOne: 18,
  WeightVecLengthIsLow: 19,
  HotKeyAlreadyRegisteredInSubNet: 21,
  SettingWeightsTooFast: 29,
  IncorrectWeightVersionKey: 30,
  UidsLengthExceedUidsInSubNet: 32,
  CanNotSetRootNetworkWeights: 47,
  NoNeuronIdAvailable: 48,
  CommitRevealEnabled: 53,
  CommitRevealDisabled: 54,
  MechanismDoesNotExist: 74,
  SubnetNotExists: 76,
  TooManyUnrevealedCommits: 77,
  CommittingWeightsTooFast: 81,
  IncorrectCommitRevealVersion: 110,
} as const;

/** Throws an error of SubtensorModule. */
export const failSubtensor = errorsOf('SubtensorModule', SUBTENSOR_INDEX, SUBTENSOR_ERRORS);

export const weightsSet = event(SUBTENSOR_INDEX, 'WeightsSet', 5, [
  field(u16, 'NetUidStorageIndex'),
  field(u16, 'u16'),
]);
export const neuronRegistered = event(SUBTENSOR_INDEX, 'NeuronRegistered', 6, [
  field(u16, 'NetUid'),
  field(u16, 'u16'),
  field(accountId, 'T::AccountId'),
]);
export const timelockedWeightsCommitted = event(SUBTENSOR_INDEX, 'TimelockedWeightsCommitted', 107, [
  field(accountId, 'T::AccountId'),
  field(u16, 'NetUidStorageIndex'),
  field(h256, 'H256'),
  field(u64, 'u64'),
]);
export const timelockedWeightsRevealed = event(SUBTENSOR_INDEX, 'TimelockedWeightsRevealed', 108, [
  field(u16, 'NetUidStorageIndex'),
  field(accountId, 'T::AccountId'),
]);
