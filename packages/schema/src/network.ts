/** Which chain and subnet a repository says it is of; null where its config.json does not say. */
export interface NetworkFacts {
  readonly network: string | null;
  readonly netuid: number | null;
  readonly genesis_hash: string | null;
}

/** Bittensor's public chains by the names that btcli gives them, with the hash of each one's block 0. */
export const GENESIS_HASHES = {
  finney: '0x2f0555cc76fc2840a25a6ea3b9637146806f1f44b090c175ffde2a7e5ab36c03',
  test: '0x8f9cf856bf558a14440e75569c9e58594757048d7b3a84b5d25f6bd978263105',
} as const;

const NAMES = Object.keys(GENESIS_HASHES) as (keyof typeof GENESIS_HASHES)[];

/** The name of the chain with this genesis, where it has one. */
export function networkOf(genesisHash: string): keyof typeof GENESIS_HASHES | undefined {
  return NAMES.find((name) => GENESIS_HASHES[name] === genesisHash);
}

/** What a config.json says of its network; nothing where there is none that can be read. */
export function networkFacts(
  config: { readonly [Fact in keyof NetworkFacts]?: NetworkFacts[Fact] | undefined } | undefined,
): NetworkFacts {
  const { network = null, netuid = null, genesis_hash = null } = config ?? {};
  return { network, netuid, genesis_hash };
}

/**
 * A network for people: `finney (subnet 17, genesis 0x2f05…)`. Without a genesis hash no one can check the name that a
 * repository gives. If name and genesis belong to two chains, the text says so.
 */
export function networkText({ network, netuid, genesis_hash }: NetworkFacts): string {
  const known = genesis_hash === null ? undefined : networkOf(genesis_hash);
  const isName = ['local', ...NAMES].some((name) => name === network);
  const isOdd = isName && genesis_hash !== null && (known ?? 'local') !== network;
  const name = known ?? (isOdd ? null : network) ?? 'not named';
  const facts = [
    ...(netuid === null ? [] : [`subnet ${netuid}`]),
    genesis_hash === null ? 'no genesis hash' : `genesis ${genesis_hash}`,
  ];
  return `${name} (${facts.join(', ')})${isOdd ? `, though config.json calls it ${network}` : ''}`;
}
