import { isNetworkName, NETWORKS } from '@tiltyard/chain';
import { networkOf } from '@tiltyard/schema';
import { Config } from '@tiltyard/schema/gen3d';
import { CliError } from '../../cli-error.js';

/** What `init` may set in config.json from the command line. */
export interface ConfigOptions {
  readonly name?: string;
  readonly description?: string;
  readonly firstDate?: string;
  readonly lastDate?: string;
  readonly netuid?: number;
  readonly judgeModel?: string;
}

/** The chain that `init` asked. */
export interface ConnectedChain {
  readonly genesisHash: string;
  readonly name: string;
}

/** Options that a competition needs when it starts from the template: they have no sensible default. */
const NEEDED = {
  name: '--name',
  firstDate: '--first-date',
  lastDate: '--last-date',
  netuid: '--netuid',
  judgeModel: '--judge-model',
} as const satisfies Partial<Record<keyof ConfigOptions, string>>;

/**
 * config.json from a text and the options above it, complete enough to be frozen into round 0.
 *
 * @param isTemplate - The text is the template: its placeholders must all be replaced.
 * @param chain - The chain that was asked, when one was: config.json names it.
 * @throws CliError `usage` for missing options, `invalid` naming the field otherwise.
 */
export function competitionConfig(
  text: string,
  { isTemplate, chain }: { readonly isTemplate: boolean; readonly chain: ConnectedChain | undefined },
  options: ConfigOptions,
): Config {
  const missing = Object.entries(NEEDED).filter(([key]) => options[key as keyof typeof NEEDED] === undefined);
  if (isTemplate && missing.length > 0) {
    const names = missing.map(([, option]) => option).join(', ');
    throw new CliError({ code: 'usage', detail: `Give --config FILE, or ${names} to start from the template.` });
  }
  const config = parsed(overlaid(jsonOf(text), options, { isTemplate, chain }));
  checkFrozen(config);
  checkChainNamed(config, chain);
  return config;
}

function overlaid(
  base: object,
  options: ConfigOptions,
  { isTemplate, chain }: { readonly isTemplate: boolean; readonly chain: ConnectedChain | undefined },
): object {
  const { judging, network = '' } = base as { readonly judging?: object; readonly network?: string };
  const genesisHash = chain?.genesisHash ?? (isNetworkName(network) ? NETWORKS[network].genesisHash : undefined);
  const set = {
    name: options.name,
    description: options.description,
    first_evaluation_date: options.firstDate,
    last_competition_date: options.lastDate,
    netuid: options.netuid,
    // The template's chain is an example; a file's own must be the one that answers.
    network: isTemplate ? chain?.name : undefined,
    judging: options.judgeModel === undefined ? undefined : { ...judging, judges: [{ model: options.judgeModel }] },
  };
  return {
    ...(genesisHash === undefined ? {} : { genesis_hash: genesisHash }),
    ...(chain === undefined ? {} : { network: chain.name }),
    ...base,
    ...Object.fromEntries(Object.entries(set).filter(([, value]) => value !== undefined)),
  };
}

function jsonOf(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch (cause) {
    throw new CliError({ code: 'invalid', what: 'config.json', detail: 'is not JSON' }, { cause });
  }
  throw new CliError({ code: 'invalid', what: 'config.json', detail: 'is not an object' });
}

function parsed(value: object): Config {
  const result = Config.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new CliError({
    code: 'invalid',
    what: 'config.json',
    detail: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is wrong'}`,
  });
}

/** What the first round needs of config.json, its choices aside: these are checked as rules.json freezes them. */
function checkFrozen(config: Config): void {
  if (config.first_evaluation_date > config.last_competition_date) {
    throw wrong('last_competition_date', 'is before first_evaluation_date');
  }
}

/** config.json must name the right chain and subnet: every service checks them. */
function checkChainNamed(config: Config, chain: ConnectedChain | undefined): void {
  const { netuid, network, genesis_hash: genesis } = config;
  if (netuid === undefined) throw wrong('netuid', 'must name the subnet (or give --netuid)');
  if (genesis === undefined) {
    throw wrong(
      'genesis_hash',
      'must name the chain: give --network, so that it can be asked, or write it into --config',
    );
  }
  if (chain !== undefined && genesis !== chain.genesisHash) {
    throw wrong('genesis_hash', `is ${genesis}, the chain's is ${chain.genesisHash}`);
  }
  if (network === undefined) throw wrong('network', 'must name the chain, such as finney or local');
  const known = networkOf(genesis);
  const claims = isNetworkName(network) ? NETWORKS[network].genesisHash : undefined;
  if ((claims !== undefined && claims !== genesis) || (known !== undefined && network !== known)) {
    throw wrong('network', `is ${network}, and genesis_hash is that of ${known ?? 'another chain'}`);
  }
}

function wrong(field: string, detail: string): CliError {
  return new CliError({ code: 'invalid', what: `config.json: ${field}`, detail });
}
