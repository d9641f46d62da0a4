import { Config } from '@tiltyard/schema';
import { CliError } from '../../cli-error.js';

/** What `init` may set in config.json from the command line. */
export interface ConfigOptions {
  readonly name?: string;
  readonly description?: string;
  readonly firstDate?: string;
  readonly lastDate?: string;
  readonly netuid?: number;
  readonly network?: string;
  readonly judgeModel?: string;
}

/** What must be said for a competition that starts from the template: there is no sensible value for anybody. */
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
 * @param genesisHash - The chain's, when one is connected: config.json names it.
 * @throws CliError `usage` for missing options, `invalid` naming the field otherwise.
 */
export function competitionConfig(
  text: string,
  { isTemplate, genesisHash }: { readonly isTemplate: boolean; readonly genesisHash: string | undefined },
  options: ConfigOptions,
): Config {
  const missing = Object.entries(NEEDED).filter(([key]) => options[key as keyof typeof NEEDED] === undefined);
  if (isTemplate && missing.length > 0) {
    const names = missing.map(([, option]) => option).join(', ');
    throw new CliError({ code: 'usage', detail: `Give --config FILE, or ${names} to start from the template.` });
  }
  const config = parsed(overlaid(jsonOf(text), options, genesisHash));
  checkFrozen(config, genesisHash);
  return config;
}

function overlaid(base: object, options: ConfigOptions, genesisHash: string | undefined): object {
  const { judging } = base as { readonly judging?: object };
  const set = {
    name: options.name,
    description: options.description,
    first_evaluation_date: options.firstDate,
    last_competition_date: options.lastDate,
    netuid: options.netuid,
    network: options.network,
    judging: options.judgeModel === undefined ? undefined : { ...judging, judges: [{ model: options.judgeModel }] },
  };
  return {
    ...(genesisHash === undefined ? {} : { genesis_hash: genesisHash }),
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
function checkFrozen(config: Config, genesisHash: string | undefined): void {
  const wrong = (field: string, detail: string) =>
    new CliError({ code: 'invalid', what: `config.json: ${field}`, detail });
  if (genesisHash !== undefined && config.genesis_hash !== genesisHash) {
    throw wrong('genesis_hash', `is ${config.genesis_hash}, the chain's is ${genesisHash}`);
  }
  if (config.first_evaluation_date > config.last_competition_date) {
    throw wrong('last_competition_date', 'is before first_evaluation_date');
  }
}
