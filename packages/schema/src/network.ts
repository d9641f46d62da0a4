import type { Config } from './files/config.js';

/** Which chain and subnet a repository says it is of; null where its config.json does not say. */
export interface NetworkFacts {
  readonly network: string | null;
  readonly netuid: number | null;
  readonly genesis_hash: string | null;
}

/** What a config.json says of its network; nothing where there is none that can be read. */
export function networkFacts(config: Config | undefined): NetworkFacts {
  const { network = null, netuid = null, genesis_hash = null } = config ?? {};
  return { network, netuid, genesis_hash };
}

/** A network for people: `finney (subnet 17, genesis 0x2f05…)`, or `not named`. */
export function networkText({ network, netuid, genesis_hash }: NetworkFacts): string {
  const facts = [
    ...(netuid === null ? [] : [`subnet ${netuid}`]),
    ...(genesis_hash === null ? [] : [`genesis ${genesis_hash}`]),
  ];
  return `${network ?? 'not named'}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`;
}
