import { DEV_PHRASE, Keyring } from '@polkadot/keyring';
import type { KeyringPair } from '@polkadot/keyring/types';
import { decodeAddress } from '@polkadot/util-crypto';
import { z } from 'zod';
import { DevnetError } from './errors.js';
import type { DevnetLogger } from './logger.js';
import { BEACON_SCHEDULE } from './runtime/beacon.js';
import { type Hex, toHex } from './scale/codec.js';

const SS58_PREFIX = 42;
const BEACON_GENESIS_MS = BEACON_SCHEDULE.genesisSeconds * 1000;
const MAX_HEIGHT = 2 ** 31 - 1;

/** An SS58 address, or `//Name`: the account of the well-known development phrase with that derivation path. */
const AccountText = z.string().min(3).max(200);
const Rao = z.int().min(0);
const U16 = z.int().min(0).max(65_535);

const NeuronOptions = z.strictObject({
  hotkey: AccountText,
  /** Default: the hotkey itself. */
  coldkey: AccountText.optional(),
  /** Stake on the subnet in rao; setting weights takes `stakeThresholdRao`. */
  stakeRao: Rao.default(0),
});

const SubnetOptions = z.strictObject({
  netuid: z.int().min(1).max(4095),
  /** Its hotkey gets uid 0, which is the burn uid. */
  owner: NeuronOptions,
  /** With validator permits; uids from 1. */
  validators: z.array(NeuronOptions).max(256).default([]),
  /** Uids after the validators'. */
  miners: z.array(NeuronOptions).max(2048).default([]),
  /** Blocks between two epochs. */
  tempo: U16.min(1).default(360),
  /** Blocks between two settings of weights by one validator. */
  weightsSetRateLimit: z.int().min(0).default(100),
  /** Whether weights are committed timelocked (the main network's default) or set in clear. */
  commitRevealWeights: z.boolean().default(true),
  /** Epochs from a commit of weights to its reveal. */
  revealPeriodEpochs: z.int().min(1).max(100).default(1),
  minAllowedWeights: U16.default(1),
  weightsVersionKey: z.int().min(0).default(0),
  immunityPeriod: U16.default(4096),
  maxAllowedUids: U16.min(1).default(256),
  /** Price of a registration. */
  burnRao: Rao.default(100_000_000),
});

/** What a dev chain is started with; JSON throughout, so that a process takes the same from its environment. */
export const DevnetOptions = z.strictObject({
  /** Genesis hash, block hashes and the beacon's key follow from it. */
  seed: z.string().min(1).max(200).default('tiltyard'),
  /** Height at which the chain starts. */
  startBlock: z.int().min(0).max(MAX_HEIGHT).default(0),
  /** The chain's time at `startBlock`, milliseconds since 1970. Default: now, or what a restarted chain had. */
  startTimeMs: z.int().min(BEACON_GENESIS_MS).optional(),
  subnets: z.array(SubnetOptions).min(1).max(16),
  /** Accounts with funds. */
  funds: z
    .array(z.strictObject({ account: AccountText, rao: Rao }))
    .max(1000)
    .default([]),
  stakeThresholdRao: Rao.default(0),
  /** Wall milliseconds between two blocks; null: blocks are made on request only. Each is 12 s of the chain's time. */
  blockTimeMs: z.int().min(10).max(600_000).nullable().default(1000),
  /** How many blocks the finalized head is behind the head. */
  finalityLagBlocks: z.int().min(0).max(100).default(0),
  /** TCP port on 127.0.0.1; 0: any free one. */
  port: z.int().min(0).max(65_535).default(0),
  /** Where the chain is kept. Without one it is gone when it stops. */
  folder: z.string().min(1).optional(),
});
export type DevnetOptions = z.input<typeof DevnetOptions> & { readonly log?: DevnetLogger };

/** One neuron of the first block. */
export interface GenesisNeuron {
  readonly hotkey: Hex;
  readonly coldkey: Hex;
  readonly permit: boolean;
  readonly stakeRao: bigint;
}

type ParsedSubnet = z.output<typeof SubnetOptions>;
/** A subnet of the first block: its hyperparameters, and its neurons in order of uid (the owner's first). */
export interface GenesisSubnet extends Omit<ParsedSubnet, 'owner' | 'validators' | 'miners'> {
  readonly neurons: readonly [GenesisNeuron, ...GenesisNeuron[]];
}

/** All that the first block follows from. */
export interface Genesis {
  readonly seed: string;
  readonly startBlock: number;
  readonly startTimeMs: number | undefined;
  readonly stakeThresholdRao: bigint;
  readonly subnets: readonly GenesisSubnet[];
  readonly funds: readonly { readonly account: Hex; readonly rao: bigint }[];
}

export interface ParsedOptions
  extends Pick<z.output<typeof DevnetOptions>, 'blockTimeMs' | 'finalityLagBlocks' | 'port'> {
  readonly folder: string | undefined;
  readonly genesis: Genesis;
}

/** Checks options and resolves their accounts. Throws DevnetError `bad_option` that names the field. */
export function parseOptions(given: z.input<typeof DevnetOptions>): ParsedOptions {
  const parsed = DevnetOptions.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw badOption(issue?.path.join('.') || 'options', issue?.message ?? 'is wrong');
  }
  const { seed, startBlock, startTimeMs, blockTimeMs, finalityLagBlocks, port, folder } = parsed.data;
  const subnets = parsed.data.subnets.map((subnet, i) => resolveSubnet(subnet, `subnets.${i}`));
  if (new Set(subnets.map(({ netuid }) => netuid)).size < subnets.length) throw badOption('subnets', 'a netuid twice');
  const funds = parsed.data.funds.map(({ account, rao }, i) => ({
    account: resolveAccount(account, `funds.${i}.account`),
    rao: BigInt(rao),
  }));
  const stakeThresholdRao = BigInt(parsed.data.stakeThresholdRao);
  const genesis = { seed, startBlock, startTimeMs, stakeThresholdRao, subnets, funds };
  return { blockTimeMs, finalityLagBlocks, port, folder, genesis };
}

function resolveSubnet({ owner, validators, miners, ...rest }: ParsedSubnet, field: string): GenesisSubnet {
  const resolve = (neuron: z.output<typeof NeuronOptions>, at: string, permit: boolean): GenesisNeuron => ({
    hotkey: resolveAccount(neuron.hotkey, `${field}.${at}.hotkey`),
    coldkey: resolveAccount(neuron.coldkey ?? neuron.hotkey, `${field}.${at}.coldkey`),
    permit,
    stakeRao: BigInt(neuron.stakeRao),
  });
  const neurons = [
    resolve(owner, 'owner', false),
    ...validators.map((neuron, i) => resolve(neuron, `validators.${i}`, true)),
    ...miners.map((neuron, i) => resolve(neuron, `miners.${i}`, false)),
  ] as const;
  if (neurons.length > rest.maxAllowedUids) throw badOption(`${field}.maxAllowedUids`, 'fewer than the neurons given');
  if (new Set(neurons.map(({ hotkey }) => hotkey)).size < neurons.length) throw badOption(field, 'a hotkey twice');
  return { ...rest, neurons };
}

let root: KeyringPair | undefined;
/** The pair of the well-known development phrase; stretching a phrase takes 20 ms, so it is done once. */
function developmentRoot(): KeyringPair {
  root ??= new Keyring({ type: 'sr25519' }).createFromUri(DEV_PHRASE);
  return root;
}

/** The account id of an SS58 address or of a development account such as `//Alice`. Throws DevnetError `bad_option`. */
export function resolveAccount(text: string, field: string): Hex {
  try {
    if (text.startsWith('//')) return toHex(developmentRoot().derive(text).publicKey);
    return toHex(decodeAddress(text, false, SS58_PREFIX));
  } catch (cause) {
    throw badOption(
      field,
      `is neither an SS58 address nor a //Name (${cause instanceof Error ? cause.message : cause})`,
    );
  }
}

export function badOption(option: string, detail: string): DevnetError {
  return new DevnetError({ code: 'bad_option', option, detail });
}
