import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Chain, openChain } from '@tiltyard/chain';
import { connectDevnetControl, type DevnetControl } from '@tiltyard/devnet';
import { initRepository, type Ledger, openLedger } from '@tiltyard/ledger';
import { openLocalPods, writeImageManifest } from '@tiltyard/pods';
import type { ManagedProcess } from '@tiltyard/processes';
import { openRenderer } from '@tiltyard/render';
import { imageName, startCompetition } from '@tiltyard/rules/gen3d';
import { type BlockNumber, Secret } from '@tiltyard/schema';
import { type Config, gen3d, stateFiles } from '@tiltyard/schema/gen3d';
import { SOFTWARE_VERSION, softwareIdentity } from '@tiltyard/service-kit';
import { hostAndPort, openStore } from '@tiltyard/store';
import { startChain } from '../../network/chain.js';
import { DevEnvError } from '../../network/dev-env-error.js';
import { ownEntry, packageEntry, serviceEntry, startedService } from '../../network/entries.js';
import { type GitRemote, startGitRemote } from '../../network/git-remote.js';
import { makeLayout, type NetworkLayout } from '../../network/layout.js';
import { startNetworkProcess } from '../../network/network-process.js';
import { makeSigningKeys, type SigningKeys } from '../../network/signing-keys.js';
import { LOCAL_JUDGE_MODEL } from '../local-judge/local-judge-server.js';
import type { CharacterName } from '../miners/characters.js';
import { openObjects } from '../objects/open-objects.js';
import { localConfig } from './competition-config.js';
import { containerManifest, type NetworkMiner, networkMiner, publishSource } from './miners.js';
import { makePromptPool } from './prompt-pool.js';
import { environmentText, type NetworkAddresses, serviceEnvironment } from './service-environment.js';
import { type NetworkService, SERVICE_NAMES } from './service-names.js';

export interface NetworkOptions {
  /** Where everything of the network is kept. */
  readonly root: string;
  readonly prompts: number;
  /** Challengers by character, one of each. */
  readonly miners: readonly CharacterName[];
  /** A folder of GLBs to make objects from, instead of the gallery. */
  readonly models?: string | undefined;
  readonly seed?: string;
  /** Wall milliseconds between two blocks of 12 seconds. */
  readonly blockTimeMs?: number;
  /** One answer of the judge in so many goes wrong on purpose; 0 for none. */
  readonly judgeFaultEvery?: number;
  /** A service that is not started. Its environment is written all the same. */
  readonly without?: NetworkService | undefined;
  /** Ends the bringing up. */
  readonly signal?: AbortSignal;
  /** Told what is being brought up. */
  readonly onProgress?: (what: string) => void;
}

const NETWORK_DEFAULTS = { seed: 'tiltyard', blockTimeMs: 400, judgeFaultEvery: 0 };

/** A network on this machine: every part a process of its own, talking as it would be deployed. */
export interface Network extends AsyncDisposable {
  readonly layout: NetworkLayout;
  readonly config: Config;
  readonly remote: GitRemote;
  readonly storeUrl: string;
  /** The chain as any outsider sees it. */
  readonly chain: Chain;
  /** What nobody on a real chain can do: time. */
  readonly control: DevnetControl;
  /** The ledger as its operator sees it. */
  readonly ledger: Ledger;
  readonly miners: readonly NetworkMiner[];
  /** CDN URL of each miner by name. */
  readonly cdns: ReadonlyMap<string, string>;
  readonly services: ReadonlyMap<NetworkService, ManagedProcess>;
  /** Every process, in the order in which they were started. */
  readonly processes: readonly ManagedProcess[];
  /** Rejects when a process ends that nobody has told to. */
  readonly fallen: Promise<never>;
  /** Ends these services and leaves the rest running. */
  stopServices(names: readonly NetworkService[]): Promise<void>;
}

/** Brings a network up: chain, remote, store, repository, miners, judge, services. Takes it down again when that fails. */
export async function startNetwork(options: NetworkOptions): Promise<Network> {
  const layout = await makeLayout(options.root);
  const boot = new Boot(layout, { ...NETWORK_DEFAULTS, ...options });
  try {
    return await boot.run();
  } catch (error) {
    await boot.takeDown();
    throw error;
  }
}

type Settings = NetworkOptions & typeof NETWORK_DEFAULTS;

interface InitialState {
  readonly remote: GitRemote;
  readonly storeUrl: string;
  readonly chain: Chain;
  readonly base: NetworkMiner;
  readonly keys: SigningKeys;
}

class Boot {
  readonly #layout: NetworkLayout;
  readonly #options: Settings;
  readonly #processes: ManagedProcess[] = [];
  readonly #closing: (() => Promise<void>)[] = [];
  #isEnding = false;

  constructor(layout: NetworkLayout, options: Settings) {
    this.#layout = layout;
    this.#options = options;
  }

  async run(): Promise<Network> {
    const layout = this.#layout;
    const { onProgress = () => {}, seed, blockTimeMs, signal } = this.#options;
    onProgress('chain, git remote, object store');
    const miners = await Promise.all(this.#options.miners.map(networkMiner));
    const base = await networkMiner('base');
    const names = [...miners, base].map((miner) => miner.name);
    const [chainProcess, remote, storeProcess] = await Promise.all([
      startChain(layout, { seed, miners: names, blockTimeMs, onSpawned: this.#own, signal }),
      startGitRemote(layout, this.#own, signal),
      this.#start('store', packageEntry('store'), { STORE_DIR: layout.objects }),
    ]);
    const chain = await openChain({ endpoints: [new Secret(chainProcess.announced)] });
    this.#closing.push(() => chain.close());
    const control = await connectDevnetControl(chainProcess.announced);
    this.#closing.push(async () => await control[Symbol.asyncDispose]());

    onProgress('prompt pictures, state repository');
    const keys = await makeSigningKeys(layout.keys, gen3d.writers);
    const config = await this.#initState({ remote, storeUrl: storeProcess.announced, chain, base, keys });
    for (const miner of miners) {
      signal?.throwIfAborted();
      await publishSource(miner, layout, this.#options.models);
    }

    onProgress('judge and miners');
    const [judge, cdns] = await Promise.all([
      this.#startJudge(storeProcess),
      this.#startMiners(miners, remote, storeProcess),
    ]);
    onProgress('services');
    const services = await this.#startServices({
      ledger: remote.url,
      chain: chainProcess.announced,
      store: storeProcess.announced,
      judge: judge.announced,
      cdns: [...cdns.values()].map((url) => hostAndPort(new URL(url))),
    });
    const ledger = await openLedger({
      competition: gen3d,
      remote: remote.url,
      dir: path.join(layout.clones, 'operator'),
      service: 'operator',
      version: SOFTWARE_VERSION,
      signing: { keyFile: keys.fileOf('operator') },
    });
    this.#closing.push(async () => await ledger[Symbol.asyncDispose]());
    return {
      ...{ layout, config, remote, storeUrl: storeProcess.announced, chain, control, ledger, miners, cdns, services },
      processes: this.#processes,
      fallen: this.#fallen(),
      stopServices: async (stopped) => {
        await Promise.all(stopped.map((name) => services.get(name)?.stop()));
      },
      [Symbol.asyncDispose]: () => this.takeDown(),
    };
  }

  /**
   * Ends everything: our connections, then services, then what they depend on, and at last pods that were left. What
   * cannot be ended in order does not keep the rest.
   */
  async takeDown(): Promise<void> {
    this.#isEnding = true;
    const isService = (process: ManagedProcess) => (SERVICE_NAMES as readonly string[]).includes(process.name);
    const stopAll = (processes: readonly ManagedProcess[]) => Promise.allSettled(processes.map((one) => one.stop()));
    for (const close of this.#closing.splice(0).reverse()) await close().catch(() => undefined);
    await stopAll(this.#processes.filter(isService));
    await stopAll(this.#processes.filter((process) => !isService(process)));
    const pods = openLocalPods({ imageDir: this.#layout.images, stateDir: this.#layout.pods });
    await pods.deleteByPrefix('miner-');
  }

  async #initState({ remote, storeUrl, chain, base, keys }: InitialState): Promise<Config> {
    const { objects: dir, images, catalogue } = this.#layout;
    const { prompts, models, signal } = this.#options;
    await using store = await openStore({ kind: 'filesystem', dir, publicUrl: storeUrl });
    await using renderer = await openRenderer({ processes: 1 });
    const lighting = 'studio@1';
    // Twice a round's prompts and a few more, so that rounds differ.
    const pool = await makePromptPool({
      source: await openObjects(models),
      count: prompts * 2 + 4,
      renderer,
      lighting,
      store,
      catalogueFile: catalogue,
      ...(signal === undefined ? {} : { signal }),
    });
    const head = await chain.finalizedHead();
    const { genesisHash } = chain;
    const config = localConfig({ prompts, nowMs: head.timestampMs, genesisHash, judgeModel: LOCAL_JUDGE_MODEL });
    const docker = imageName('local/{hotkey10}:{tag}', base.hotkey, 'base-miner');
    await writeImageManifest(images, docker, containerManifest(base, this.#layout, models));
    const first = startCompetition({
      config,
      now: { block: head.number, time: new Date(head.timestampMs) },
      baseLeader: {
        hotkey: base.hotkey,
        repo: base.repo,
        commit: base.commit,
        docker,
        weight: 0,
        effective_block: head.number as BlockNumber,
      },
      software: softwareIdentity(process.env),
      rendering: { views: 'reference-grid@1', lighting, renderer: renderer.describe() },
    });
    if (first === undefined) throw new DevEnvError({ code: 'bad_option', option: 'config', detail: 'no round fits' });
    const files = new Map([
      ['config.json', stateFiles.config.codec.format(config)],
      ['state.json', stateFiles.state.codec.format(first.state)],
      ['leader.json', stateFiles.leader.codec.format(first.leader)],
      ['prompts.txt', stateFiles.promptPool.codec.format(pool)],
      ['allowed_signers', stateFiles.allowedSigners.codec.format(keys.allowedSigners)],
      ['rounds/0/schedule.json', stateFiles.schedule.codec.format(first.schedule)],
      ['rounds/0/rules.json', stateFiles.rules.codec.format(first.rules)],
    ]);
    const signing = { keyFile: keys.fileOf('operator') };
    await initRepository({ competition: gen3d, remote: remote.url, files, version: SOFTWARE_VERSION, signing });
    return config;
  }

  async #startJudge(store: ManagedProcess): Promise<ManagedProcess> {
    return await this.#start('judge', ownEntry('local-judge-main'), {
      ALLOW_HOSTS: hostAndPort(new URL(store.announced)),
      FAULT_EVERY: String(this.#options.judgeFaultEvery),
    });
  }

  /** Starts the miners' CDNs; a copycat after the one whose files it serves. */
  async #startMiners(
    miners: readonly NetworkMiner[],
    remote: GitRemote,
    store: ManagedProcess,
  ): Promise<ReadonlyMap<string, string>> {
    const { catalogue } = this.#layout;
    const { models } = this.#options;
    const cdns = new Map<string, string>();
    const start = async (miner: NetworkMiner) => {
      const original = cdns.get('faithful');
      const cdn = await this.#start(`miner-${miner.name}`, ownEntry('miner-main'), {
        CHARACTER: miner.character,
        STATE_REMOTE: remote.url,
        CATALOGUE: catalogue,
        ALLOW_HOSTS: hostAndPort(new URL(store.announced)),
        POLL_MS: '1000',
        ...(models === undefined ? {} : { MODELS: models }),
        ...(miner.character === 'copycat' && original !== undefined ? { COPY_FROM: original } : {}),
      });
      cdns.set(miner.name, cdn.announced);
    };
    await Promise.all(miners.filter((miner) => miner.character !== 'copycat').map(start));
    await Promise.all(miners.filter((miner) => miner.character === 'copycat').map(start));
    return cdns;
  }

  async #startServices(addresses: NetworkAddresses): Promise<ReadonlyMap<NetworkService, ManagedProcess>> {
    const started = await Promise.all(
      SERVICE_NAMES.map(async (name) => {
        const env = serviceEnvironment(name, this.#layout, addresses);
        await writeFile(path.join(this.#layout.environments, `${name}.env`), environmentText(env));
        if (name === this.#options.without) return [];
        return [[name, await this.#start(name, serviceEntry(name), env, { ready: startedService })] as const];
      }),
    );
    return new Map(started.flat());
  }

  async #start(
    name: string,
    entry: string,
    env: Readonly<Record<string, string>>,
    more: { readonly ready?: (line: string) => string | undefined } = {},
  ): Promise<ManagedProcess> {
    const { signal } = this.#options;
    return await startNetworkProcess(this.#layout, { name, args: [entry], env, onSpawned: this.#own, signal, ...more });
  }

  /** Takes a process into our care, ready or not; one that comes while everything is being ended is ended too. */
  readonly #own = (process: ManagedProcess): void => {
    this.#processes.push(process);
    if (this.#isEnding) void process.stop();
  };

  #fallen(): Promise<never> {
    const fallen = new Promise<never>((_, reject) => {
      for (const process of this.#processes) process.onUnexpectedExit(reject);
    });
    // Whoever does not wait for it must not be brought down by it.
    fallen.catch(() => undefined);
    return fallen;
  }
}
