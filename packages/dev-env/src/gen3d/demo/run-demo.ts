import { rm } from 'node:fs/promises';
import type { Finding } from '@tiltyard/audit/gen3d';
import { stateFiles } from '@tiltyard/schema/gen3d';
import { openStore } from '@tiltyard/store';
import { driveRounds, jumpToNewestLeader, untilPaid } from '../network/driver.js';
import { networkMiner } from '../network/miners.js';
import type { Network } from '../network/network.js';
import { SERVICE_NAMES } from '../network/service-names.js';
import { accompanied, type Companion, untilFailed } from './accompanied.js';
import { auditDemoRepository } from './audit-demo-repository.js';
import { chaosPlan, wreakChaos } from './chaos.js';
import type { TellDemo } from './demo-event.js';
import { type DemoFolder, makeDemoFolder } from './demo-folder.js';
import type { DemoOptions } from './demo-options.js';
import type { DemoResult } from './demo-result.js';
import { inNetwork } from './in-network.js';
import { watchMemory } from './memory-watch.js';
import { openPageServer, type PageServer } from './page/page-server.js';
import { openPageWriter, type PageWriter } from './page/page-writer.js';
import { watchServices } from './service-watch.js';
import { openChronicle } from './story/chronicle.js';
import { deviationsOf } from './story/expectations.js';
import { castOf, entrantsOf } from './story/field.js';
import { type NameBook, nameBook } from './story/name-book.js';
import { outcomesOf } from './story/outcomes.js';
import type { RoundReport } from './story/round-report.js';
import { type LeaderRow, leaderRows, type WeightRow, weightRows } from './story/standings.js';

/** Without any change of the repository for so long, something is broken. A machine may be busy with other things. */
const STALL_MS = 180_000;
const PAID_MS = 120_000;
/** What could act on the jump to the leader's block, which is not what the demo is about. */
const STAGE_SERVICES = SERVICE_NAMES.filter((name) => name !== 'weight-setter');

/**
 * Runs a whole competition on this machine, from an empty chain to weights, and tells what happens.
 *
 * The repository, the page and the logs stay in a new folder under `directory`; everything else is removed unless
 * `keep`. Whatever happens, no process is left behind when this returns or throws.
 *
 * @throws DevEnvError, ProcessError, or whatever broke the network; the signal's reason once it is aborted
 */
export async function runDemo(options: DemoOptions, tell: TellDemo, signal: AbortSignal): Promise<DemoResult> {
  const startedAt = performance.now();
  const folder = await makeDemoFolder(options.directory, new Date());
  await using server = options.port === undefined ? undefined : await serve(options.port, folder);
  const tellAll: TellDemo = (event) => {
    server?.note(event);
    tell(event);
  };
  tellAll({ kind: 'folder', folder });
  if (server !== undefined) tellAll({ kind: 'served', url: server.url });
  const names = nameBook(await Promise.all([...castOf(options), 'base' as const].map(networkMiner)));
  let peakPssBytes = 0;
  const noteMemory = (pssBytes: number) => {
    peakPssBytes = Math.max(peakPssBytes, pssBytes);
    tellAll({ kind: 'memory', pssBytes });
  };
  const outcome = await accompanied(
    (joint) =>
      inNetwork(folder, { ...options, miners: castOf(options) }, tellAll, joint, (network) =>
        compete(network, folder, options, names, tellAll, joint),
      ),
    [(joint) => watchMemory(folder.root, noteMemory, joint)],
    signal,
  );
  return await resultOf(outcome, { options, folder, peakPssBytes, startedAt });
}

/** Serves the page. A port that cannot be had leaves no empty folder behind. */
async function serve(port: number, folder: DemoFolder): Promise<PageServer> {
  return await openPageServer(port, folder.page).catch(async (error: unknown) => {
    await rm(folder.root, { recursive: true });
    throw error;
  });
}

interface RunFacts extends Pick<DemoResult, 'folder' | 'peakPssBytes'> {
  readonly options: DemoOptions;
  readonly startedAt: number;
}

/** Draws the conclusions, and writes the page's last version. */
async function resultOf(outcome: NetworkOutcome, { options, startedAt, ...facts }: RunFacts): Promise<DemoResult> {
  const { writer, paidAt, rounds, leaders, weights, audit, kills } = outcome;
  const deviations = deviationsOf(rounds);
  const outcomes = outcomesOf(rounds);
  await writer.writeIndex({
    ...{ reports: rounds, leaders, weights, outcomes, deviations, repository: facts.folder.repository },
    audit: { ...audit, findings: audit.findings.map(findingText) },
  });
  return {
    ok: deviations.length === 0 && audit.ok,
    ...facts,
    ...{ deviations, rounds, leaders, weights, audit, outcomes, kills },
    seconds: { setup: options.setupSeconds, competition: (paidAt - startedAt) / 1000 },
  };
}

function findingText({ rule, severity, path, detail }: Finding): string {
  return `${rule} ${severity}: ${path === undefined ? '' : `${path}: `}${detail}`;
}

interface NetworkOutcome extends Pick<DemoResult, 'rounds' | 'leaders' | 'weights' | 'audit' | 'kills'> {
  readonly writer: PageWriter;
  /** When the weights were on chain, by the monotonic clock. */
  readonly paidAt: number;
}

async function compete(
  network: Network,
  folder: DemoFolder,
  options: DemoOptions,
  names: NameBook,
  tell: TellDemo,
  signal: AbortSignal,
): Promise<NetworkOutcome> {
  await using store = await openStore({
    kind: 'filesystem',
    dir: network.layout.objects,
    publicUrl: network.storeUrl,
  });
  const writer = await openPageWriter(folder.page, store, names);
  const { rounds, kills } = await playRounds(
    network,
    writer,
    { options, names, tell, repository: folder.repository },
    signal,
  );
  tell({ kind: 'phase', text: "jumping to the leader's block, waiting for the weights" });
  const { leaders, weights } = await pay(network, names, signal);
  const paidAt = performance.now();
  tell({ kind: 'phase', text: 'auditing the repository' });
  const audit = await auditDemoRepository(network, signal);
  return { writer, rounds, kills, leaders, weights, audit, paidAt };
}

interface Play {
  readonly options: DemoOptions;
  readonly names: NameBook;
  readonly tell: TellDemo;
  readonly repository: string;
}

async function playRounds(
  network: Network,
  writer: PageWriter,
  { options, names, tell, repository }: Play,
  signal: AbortSignal,
): Promise<{ readonly rounds: readonly RoundReport[]; readonly kills: number }> {
  const soFar: RoundReport[] = [];
  const chronicle = openChronicle({
    ledger: network.ledger,
    names,
    tell,
    async onRound(report) {
      soFar.push(report);
      await writer.writeRound(report);
      const leaders = await leadersOnRecord(network, names);
      await writer.writeIndex({
        ...{ reports: soFar, leaders, weights: [], outcomes: outcomesOf(soFar), repository },
        ...{ audit: undefined, deviations: [] },
      });
    },
  });
  let kills = 0;
  const companions: Companion[] = [
    (joint) => untilFailed(network.fallen, joint),
    (joint) => watchServices(network.services, names, (news) => tell({ kind: 'service', news }), joint),
  ];
  if (options.chaos !== undefined) {
    const plan = chaosPlan(options.chaos, SERVICE_NAMES);
    companions.push(async (joint) => {
      kills = await wreakChaos(plan, network.services, (kill) => tell({ kind: 'kill', ...kill }), joint);
    });
  }
  await accompanied(
    (joint) =>
      driveRounds(network, {
        rounds: options.rounds,
        entrants: (round) => entrantsOf(round, options),
        signal: joint,
        onProgress: chronicle.note,
        stallMs: STALL_MS,
      }),
    companions,
    signal,
  );
  return { rounds: await chronicle.close(), kills };
}

/** Lets the newest leader take effect and the weight-setter pay it. */
async function pay(
  network: Network,
  names: NameBook,
  signal: AbortSignal,
): Promise<{ readonly leaders: readonly LeaderRow[]; readonly weights: readonly WeightRow[] }> {
  return await accompanied(
    async (joint) => {
      await network.stopServices(STAGE_SERVICES);
      await jumpToNewestLeader(network, joint);
      const weights = await untilPaid(network, PAID_MS, joint);
      return { leaders: await leadersOnRecord(network, names), weights: await weightRows(network, weights, names) };
    },
    [(joint) => untilFailed(network.fallen, joint)],
    signal,
  );
}

async function leadersOnRecord({ ledger }: Network, names: NameBook): Promise<readonly LeaderRow[]> {
  return leaderRows((await (await ledger.snapshot()).read(stateFiles.leader)) ?? [], names);
}
