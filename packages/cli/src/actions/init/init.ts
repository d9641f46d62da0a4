import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Chain, ChainAddress } from '@tiltyard/chain';
import { initRepository } from '@tiltyard/ledger';
import { openRenderer } from '@tiltyard/render';
import { BlockNumber, networkFacts, networkOf, networkText } from '@tiltyard/schema';
import {
  type Config,
  gen3d,
  LeaderEntry,
  type LightingName,
  type Rules,
  stateFiles,
  type ViewSetName,
} from '@tiltyard/schema/gen3d';
import { SOFTWARE_VERSION, softwareIdentity } from '@tiltyard/service-kit';
import { CliError } from '../../cli-error.js';
import { readInput } from '../../files.js';
import { connectChain } from '../../open-chain.js';
import type { ChainOption } from '../../options/chain-option.js';
import type { Outcome } from '../../outcome.js';
import { columns } from '../../terminal/table.js';
import type { Terminal } from '../../terminal/terminal.js';
import { type ConfigOptions, type ConnectedChain, competitionConfig } from './competition-config.js';
import { firstFiles } from './first-files.js';
import { allowedSigners, type SignerOptions } from './signers.js';
import { templateFiles, templateText } from './template-files.js';

export interface InitOptions extends ConfigOptions, SignerOptions, ChainOption {
  readonly remote?: string;
  readonly branch: string;
  readonly out?: string;
  readonly config?: string;
  readonly prompts: string;
  readonly leaderHotkey: string;
  readonly repo: string;
  readonly commit: string;
  readonly image: string;
  readonly leaderWeight: number;
  readonly block?: number;
  readonly time?: string;
  readonly lighting: LightingName;
  readonly renderer?: string;
}

const MAX_CONFIG_BYTES = 1024 * 1024;

/** Starts a competition: its first commit in an empty remote, or with `out` the same files in a folder to look at. */
export async function init(options: InitOptions, terminal: Terminal): Promise<Outcome> {
  const { remote, out, prompts } = options;
  if ((remote === undefined) === (out === undefined)) {
    throw new CliError({
      code: 'usage',
      detail: 'Give --remote URL|DIR to start a competition, or --out DIR to look first.',
    });
  }
  const { moment, config } = await begin(options, terminal);
  const poolText = (await readInput(prompts, stateFiles.promptPool.maxBytes, terminal)).toString('utf8');
  const first = firstFiles({
    config,
    pool: stateFiles.promptPool.parse(poolText, prompts),
    signers: await allowedSigners(await templateText('allowed_signers'), options, terminal),
    now: moment,
    baseLeader: baseLeader(options, moment.block),
    software: softwareIdentity(terminal.environment),
    rendering: await rendering(options),
  });
  const files = new Map<string, string | Uint8Array>([...(await templateFiles()), ...first.files]);
  const commit = out === undefined ? await publish(files, options, terminal) : await writeOut(files, out, terminal);
  const { schedule, startsAt, warnings } = first;
  const rows = [
    ['competition', config.name],
    ['network', networkText(networkFacts(config))],
    commit === undefined ? ['written to', out ?? ''] : ['first commit', commit],
    ['round 0', `reveals until block ${schedule.latest} (${startsAt}), generation until block ${schedule.deadline}`],
    ['leader', `${options.leaderHotkey}, weight ${options.leaderWeight}`],
    ['files', String(files.size)],
    ...warnings.map((warning) => ['note', warning]),
  ];
  return {
    facts: {
      name: config.name,
      commit: commit ?? null,
      out: out ?? null,
      schedule,
      startsAt,
      files: [...files.keys()].sort(),
      warnings,
    },
    text: columns(rows).join('\n'),
  };
}

interface Beginning {
  readonly moment: { readonly block: number; readonly time: Date };
  readonly config: Config;
}

/** config.json and the chain's clock, or the clock that the user gives for a chain that cannot be reached from here. */
async function begin(options: InitOptions, terminal: Terminal): Promise<Beginning> {
  const { network, block, time } = options;
  if (network !== undefined) {
    if (block !== undefined || time !== undefined)
      throw usage('--network gives block and time: leave out --block and --time.');
    await using chain: Chain = await connectChain(network, terminal);
    const head = await chain.finalizedHead();
    const { genesisHash } = chain;
    const config = await readConfig(options, { genesisHash, name: nameOf(genesisHash, network) }, terminal);
    // config.json is frozen with this commit: without the subnet, no round could ever be played.
    if (config.netuid !== undefined) await chain.hyperparameters(config.netuid, head.hash);
    return { moment: { block: head.number, time: new Date(head.timestampMs) }, config };
  }
  if (block === undefined || time === undefined)
    throw usage('Give --network finney (or a URL), or --block and --time of the chain.');
  const parsed = new Date(time);
  if (Number.isNaN(parsed.getTime())) throw usage(`--time "${time}" is no time such as 2026-11-20T08:00:00Z.`);
  return { moment: { block, time: parsed }, config: await readConfig(options, undefined, terminal) };
}

/** What config.json calls a chain: its usual name, or the host that it was read from. */
function nameOf(genesisHash: string, { endpoints }: ChainAddress): string {
  const { hostname } = new URL(endpoints[0]?.reveal() ?? '');
  return networkOf(genesisHash) ?? (LOOPBACK.test(hostname) ? 'local' : hostname);
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

async function readConfig(
  options: InitOptions,
  chain: ConnectedChain | undefined,
  terminal: Terminal,
): Promise<Config> {
  const isTemplate = options.config === undefined;
  const text =
    options.config === undefined
      ? await templateText('config.json')
      : (await readInput(options.config, MAX_CONFIG_BYTES, terminal)).toString('utf8');
  return competitionConfig(text, { isTemplate, chain }, options);
}

function baseLeader({ leaderHotkey, repo, commit, image, leaderWeight }: InitOptions, block: number): LeaderEntry {
  const entry = { hotkey: leaderHotkey, repo, commit, docker: image, weight: leaderWeight, effective_block: block };
  const parsed = LeaderEntry.safeParse(entry);
  if (parsed.success) return { ...parsed.data, effective_block: BlockNumber.parse(block) };
  const issue = parsed.error.issues[0];
  const option = {
    hotkey: '--leader-hotkey',
    repo: '--repo',
    commit: '--commit',
    docker: '--image',
    weight: '--leader-weight',
  };
  throw usage(`${option[issue?.path[0] as keyof typeof option] ?? 'The leader'} ${issue?.message ?? 'is wrong'}.`);
}

/** How files are rendered: the views that the judge looks at, and the renderer of this machine unless one is named. */
async function rendering({ lighting, renderer }: InitOptions): Promise<Rules['rendering']> {
  const views: ViewSetName = 'reference-grid@1';
  if (renderer !== undefined) return { views, lighting, renderer };
  await using here = await openRenderer();
  return { views, lighting, renderer: here.describe() };
}

async function publish(
  files: ReadonlyMap<string, string | Uint8Array>,
  { remote = '', branch, signingKey }: InitOptions,
  { cwd, environment, signal }: Terminal,
): Promise<string> {
  const local = path.resolve(cwd, remote);
  return initRepository({
    competition: gen3d,
    remote: existsSync(local) ? local : remote,
    branch,
    files,
    version: SOFTWARE_VERSION,
    env: environment,
    signal,
    ...(signingKey === undefined ? {} : { signing: { keyFile: path.resolve(cwd, signingKey) } }),
  });
}

async function writeOut(
  files: ReadonlyMap<string, string | Uint8Array>,
  out: string,
  { cwd }: Terminal,
): Promise<undefined> {
  const folder = path.resolve(cwd, out);
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) throw new CliError({ code: 'file', path: out, detail: 'is not empty' });
  for (const [name, content] of files) {
    const at = path.join(folder, name);
    await mkdir(path.dirname(at), { recursive: true });
    await writeFile(at, content, { flag: 'wx' });
  }
  return undefined;
}

function usage(detail: string): CliError {
  return new CliError({ code: 'usage', detail });
}
