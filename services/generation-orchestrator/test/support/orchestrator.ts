import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { localSourceName, openLocalPods, type PodProvider, writeImageManifest } from '@tiltyard/pods';
import type { Renderer } from '@tiltyard/render';
import { buildTag } from '@tiltyard/rules/gen3d';
import { type Hotkey, LEADER, type Side } from '@tiltyard/schema';
import {
  type Build,
  type Builds,
  type GenerationResult,
  type Generations,
  promptOf,
  RULES_DEFAULTS,
  type Rules,
  type Stage,
  type Submissions,
  stateFiles,
} from '@tiltyard/schema/gen3d';
import { drawingOf } from '@tiltyard/service-kit/gen3d';
import { openStore, type StoreServer, serveStore } from '@tiltyard/store';
import {
  type CompetitionOptions,
  type FirstFile,
  file,
  LEADER_ENTRY,
  startCompetition,
  submissionOf,
  type TestCompetition,
} from '../../../../packages/service-kit/test/support/competition.js';
import { listen } from '../../../../packages/service-kit/test/support/http-server.js';
import { type ListeningLog, listeningLog } from '../../../../packages/service-kit/test/support/listening-log.js';
import { tickUntil } from '../../../../packages/service-kit/test/support/tick-until.js';
import { openBuildTracker } from '../../src/build-tracker.js';
import { localBuilder } from '../../src/local-builder.js';
import { openPodSweep } from '../../src/pod-sweep.js';
import { openRoundMemory } from '../../src/round-memory.js';
import { openRunning } from '../../src/running.js';
import { type Ports, tick } from '../../src/tick.js';

export const A = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty' as Hotkey;
export const TEXT_PROMPT = 'text: a red lamp';
const CONTAINER = path.resolve(fileURLToPath(import.meta.url), '../container.mjs');

export type Behaviour =
  | 'good'
  | 'fail'
  | 'crash'
  | 'hang'
  | 'die-once'
  | 'die'
  | 'half'
  | 'drip'
  | 'break'
  | 'break-once';

/** What a container was asked, as it noted it. */
export interface Noted {
  readonly text: string | null;
  readonly file: string | null;
  readonly seed: string;
  readonly pid: number;
}

/** A competition with everything that containers need around it: images, pods, store, prompts. */
export interface Workshop extends AsyncDisposable {
  readonly competition: TestCompetition;
  readonly provider: PodProvider;
  readonly podDir: string;
  readonly sourcesDir: string;
  readonly objectsDir: string;
  readonly prompts: readonly string[];
  /** The submission of A. */
  readonly submission: Submissions[Hotkey];
  /** Makes an image of a container that answers with a GLB. */
  image(name: string, behaviour: Behaviour, glb: Uint8Array): Promise<void>;
  /** Publishes A's code, from which the local builder makes its image. */
  source(behaviour: Behaviour, glb: Uint8Array): Promise<void>;
  /** Lets containers of a name that answer by halves go on. */
  go(name: string): Promise<void>;
  /** What containers of a name were asked so far. */
  asked(name: string): Promise<readonly Noted[]>;
  generated(side: Side): Promise<Generations>;
  audit(): Promise<{ readonly outcome: string; readonly reason: string; readonly amendment?: number } | undefined>;
  start(renderer: Renderer, options?: Partial<ProcessOptions>): Promise<Process>;
}

export interface ProcessOptions {
  readonly publishIntervalMs: number;
  readonly runRetryMs: number;
  readonly acquireMs: number;
  /** Hosts beside those of the prompts that may be reached. */
  readonly hosts: readonly string[];
}

/** The service as one process has it. */
export interface Process extends AsyncDisposable {
  readonly ports: Ports;
  readonly said: ListeningLog;
  tick(): ReturnType<typeof tick>;
  until(what: string, holds: () => boolean | Promise<boolean>): Promise<void>;
}

const rulesOf = (rules: Rules): Rules => ({
  ...rules,
  tournament: { ...rules.tournament, require_source_audit: false },
  generation: {
    ...rules.generation,
    ...{ median_limit_seconds: 20, hard_limit_seconds: 30, rolling_median_limit_seconds: 25, median_trim: 1 },
    ...{ max_attempts: 2, pods_initial: 1, pods_per_miner: 1, pod_starts_per_miner: 3, miners_at_once: 2 },
    pod_healthy_minutes: 1 / 5,
  },
  verification: {
    ...{ mode: 'distance', embedder: 'descriptor-v1', acceptable_distance: 0.01 },
    ...{ max_mismatched_prompts: 0, max_mismatched_critical_prompts: 0 },
  },
});

export interface WorkshopOptions {
  readonly stage: Stage;
  /** Where A's build stands from the start. */
  readonly build?: Build['status'];
  /** An audit of A is asked for; it submitted this GLB for every prompt. */
  readonly submitted?: { readonly glb: Uint8Array; readonly renderer: Renderer };
  /** The leader's files are complete from the start. */
  readonly baseline?: boolean;
  readonly files?: readonly FirstFile[];
  /** Instead of a picture and a text. */
  readonly prompts?: readonly string[];
  readonly rules?: (rules: Rules) => Rules;
  readonly competition?: Partial<CompetitionOptions>;
}

const usable = (glb: string, png: string): GenerationResult => ({
  ...{ glb, png, generation_time: 0, size: 1, attempts: 1, distance: 0 },
});

export async function openWorkshop(options: WorkshopOptions): Promise<Workshop> {
  const pictures = await listen((_request, response) => response.writeHead(200).end('not looked at'));
  const prompts = options.prompts ?? [`${pictures.url}/chair.png`, TEXT_PROMPT];
  const stems = prompts.map((line) => promptOf(line).stem);
  const submissions = submissionOf(A, 500);
  const submission = submissions[A];
  if (submission === undefined) throw new Error('no submission');
  const { repo, commit, revealed_at_block } = submission;
  const status = options.build;
  const docker_image = status === 'success' ? 'local/a:image' : null;
  const build = { repo, commit, revealed_at_block, tag: buildTag(submission), status, docker_image };

  // The competition's folder is not known before its first commit, and the first commit names objects.
  const objects = await startObjects(options.submitted);
  const all = (entry: GenerationResult) => Object.fromEntries(stems.map((stem) => [stem, entry])) as Generations;
  const files: FirstFile[] = [
    ...(status === undefined ? [] : [file(stateFiles.builds, { round: 0 }, { [A]: build } as Builds)]),
    ...(options.baseline ? [file(stateFiles.generated, { round: 0, side: LEADER }, all(usable('g', 'p')))] : []),
    ...(objects.submitted === undefined
      ? []
      : [
          file(stateFiles.submitted, { round: 0, side: A }, all(objects.submitted)),
          file(stateFiles.auditRequests, { round: 0 }, [{ hotkey: A, critical_prompts: [] }]),
        ]),
    ...(options.files ?? []),
  ];
  const { rules = (same: Rules) => same } = options;
  const competition = await startCompetition({
    ...{ stage: options.stage, prompts, submissions, files },
    rules: (given) => rules(rulesOf(given)),
    ...options.competition,
  });
  const at = (...names: string[]) => path.join(competition.dir, ...names);
  const [imageDir, podDir, sourcesDir] = [at('images'), at('pods'), at('sources')];
  await mkdir(sourcesDir, { recursive: true });
  const provider = openLocalPods({ imageDir, stateDir: podDir, graceMs: 500 });
  const notes = (name: string) => at(`notes-${name}`);

  async function manifestOf(name: string, behaviour: Behaviour, glb: Uint8Array) {
    const glbFile = at(`${name}-${behaviour}.glb`);
    await writeFile(glbFile, glb);
    const env = { BEHAVIOUR: behaviour, GLB: glbFile, NOTES: notes(name) };
    return { command: process.execPath, args: [CONTAINER], env, cwd: competition.dir };
  }

  return {
    ...{ competition, provider, podDir, sourcesDir, objectsDir: objects.dir, prompts, submission },
    image: async (name, behaviour, glb) => {
      await writeImageManifest(imageDir, name, await manifestOf(name.replaceAll(/\W/g, '-'), behaviour, glb));
    },
    source: async (behaviour, glb) => {
      const manifest = await manifestOf('a', behaviour, glb);
      await writeFile(path.join(sourcesDir, localSourceName(submission)), JSON.stringify(manifest));
    },
    go: (name) => writeFile(`${notes(name.replaceAll(/\W/g, '-'))}.go`, ''),
    asked: async (name) => {
      const text = await readFile(notes(name.replaceAll(/\W/g, '-')), 'utf8').catch(() => '');
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Noted);
    },
    generated: async (side) => (await competition.read(stateFiles.generated, { round: 0, side })) ?? {},
    audit: async () => (await competition.read(stateFiles.generationAudits, { round: 0 }))?.[A] as never,
    start: async (renderer, { publishIntervalMs = 50, runRetryMs = 100, acquireMs = 1_000, hosts = [] } = {}) => {
      const said = listeningLog();
      const { log, notices } = said;
      const stop = new AbortController();
      const providers = [provider];
      const memory = openRoundMemory({ publishIntervalMs, runRetryMs });
      const sweep = openPodSweep({ providers, intervalMs: 60_000, log });
      const pods = {
        ...{ gpu: undefined, spacingMs: 0, acquireRetryMs: 100, acquireMs, visibleMs: 40_000 },
        ...{ healthIntervalMs: 50, sweepMs: 60_000 },
      };
      const running = await openRunning({
        config: {
          store: { kind: 'filesystem', dir: objects.dir, publicUrl: objects.server.url },
          embed: { modelDir: undefined, threads: 1 },
          ...{ pods, allowHosts: [pictures.host, ...hosts] },
        },
        ...{ renderer, providers, owned: sweep.owned, memory, log, notices },
        onNews: () => {},
      });
      const workflow = localBuilder({ sourcesDir, imageDir, imageFormat: 'local/{hotkey10}:{tag}' });
      const builds = openBuildTracker({
        ...{
          workflow,
          imageFormat: 'local/{hotkey10}:{tag}',
          lookMs: 0,
          secondLookMs: 0,
          publishIntervalMs,
          log,
          notices,
        },
        signal: stop.signal,
      });
      const ledger = await competition.ledger('generation-orchestrator');
      const ports: Ports = { ledger, builds, runs: running.runs, memory, sweep, log, notices };
      return {
        ...{ ports, said },
        tick: () => tick(ports),
        until: (what, holds) => tickUntil(() => tick(ports), what, holds, 50_000),
        async [Symbol.asyncDispose]() {
          stop.abort();
          await running[Symbol.asyncDispose]();
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await provider.deleteByPrefix('');
      await pictures[Symbol.asyncDispose]();
      await objects.server.close(0);
      await rm(objects.dir, { recursive: true, force: true });
      await competition[Symbol.asyncDispose]();
    },
  };
}

/** A store on the web, with the picture of what A submitted. */
async function startObjects(submitted: WorkshopOptions['submitted']): Promise<{
  readonly dir: string;
  readonly server: StoreServer;
  readonly submitted: GenerationResult | undefined;
}> {
  const dir = await mkdtemp(path.join(tmpdir(), 'tiltyard-objects-'));
  const server = await serveStore({ dir, host: '127.0.0.1', port: 0 });
  if (submitted === undefined) return { dir, server, submitted: undefined };
  await using store = await openStore({ kind: 'filesystem', dir, publicUrl: server.url });
  const signal = AbortSignal.timeout(60_000);
  const drawn = await submitted.renderer.render(submitted.glb, { ...drawingOf(RULES_DEFAULTS), signal });
  if (!drawn.ok) throw new Error(drawn.message);
  const glb = await store.put(submitted.glb, { contentType: 'model/gltf-binary', maxBytes: 1e8 });
  const png = await store.put(drawn.grid, { contentType: 'image/png', maxBytes: 1e8 });
  return { dir, server, submitted: { ...usable(glb.url, png.url), png_sha256: png.sha256, glb_sha256: glb.sha256 } };
}

/** The image of the leader. */
export const LEADER_IMAGE = LEADER_ENTRY.docker;

/** What is settled about A; undefined while its audit goes on. */
export const verdictOf = async ({ audit }: Workshop) => {
  const known = await audit();
  return known?.outcome === 'pending' ? undefined : known;
};
