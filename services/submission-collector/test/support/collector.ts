import type { ServerResponse } from 'node:http';
import path from 'node:path';
import type { Chain } from '@tiltyard/chain';
import type { Renderer } from '@tiltyard/render';
import type { Hotkey } from '@tiltyard/schema';
import { type GenerationResult, type Prompt, type Rules, type Submissions, stateFiles } from '@tiltyard/schema/gen3d';
import { openStore, type StoreServer, serveStore } from '@tiltyard/store';
import { NETUID } from '../../../../packages/service-kit/test/support/chain.js';
import {
  startCompetition,
  submissionOf,
  type TestCompetition,
} from '../../../../packages/service-kit/test/support/competition.js';
import { listen, type TestServer } from '../../../../packages/service-kit/test/support/http-server.js';
import { type ListeningLog, listeningLog } from '../../../../packages/service-kit/test/support/listening-log.js';
import { tickUntil } from '../../../../packages/service-kit/test/support/tick-until.js';
import { openCollecting } from '../../src/collecting.js';
import type { DownloadConfig } from '../../src/config.js';
import type { Ports } from '../../src/ports.js';
import { tick } from '../../src/tick.js';

/** What a miner's CDN does with a path: bytes, a status, or nothing at all; or what it does at the nth time, from 1. */
export type Shelf = Readonly<Record<string, Item | ((time: number) => Item)>>;
type Item = Uint8Array | number | 'hang' | 'drip';

/** A miner's CDN, which counts what it is asked. */
export interface Cdn extends TestServer {
  readonly asked: readonly string[];
  /** Requests without an answer now. */
  readonly waiting: number;
  shelf: Shelf;
}

export async function cdnWith(shelf: Shelf): Promise<Cdn> {
  const asked: string[] = [];
  const state = { shelf, waiting: 0 };
  const server = await listen((request, response) => {
    const name = decodeURIComponent((request.url ?? '').slice(1));
    asked.push(name);
    state.waiting += 1;
    response.on('close', () => {
      state.waiting -= 1;
    });
    const kept = state.shelf[name] ?? 404;
    const item = typeof kept === 'function' ? kept(asked.filter((other) => other === name).length) : kept;
    if (item === 'hang') return;
    if (item === 'drip') return drip(response);
    if (typeof item === 'number') response.writeHead(item).end();
    else response.writeHead(200).end(item);
  });
  return {
    url: server.url,
    host: server.host,
    asked,
    get waiting() {
      return state.waiting;
    },
    get shelf() {
      return state.shelf;
    },
    set shelf(next) {
      state.shelf = next;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Sends a byte now and then, for ever. */
function drip(response: ServerResponse): void {
  response.writeHead(200);
  const timer = setInterval(() => response.write('x'), 10);
  response.on('close', () => clearInterval(timer));
}

/** The service as one process has it. */
export interface Process extends AsyncDisposable {
  readonly ports: Ports;
  readonly said: ListeningLog;
  readonly downloadDir: string;
  tick(): ReturnType<typeof tick>;
  until(what: string, holds: () => boolean | Promise<boolean>): Promise<void>;
}

export interface ProcessOptions {
  readonly competition: TestCompetition;
  readonly chain: Chain;
  readonly renderer: Renderer;
  readonly store: StoreServer;
  readonly cdns: readonly Cdn[];
  readonly publishIntervalMs?: number;
  readonly pace?: Partial<DownloadConfig>;
}

/** Where a competition's objects lie. */
export const objectsOf = ({ dir }: TestCompetition) => path.join(dir, 'objects');

/** A store's folder on the web. */
export async function serveObjects(competition: TestCompetition): Promise<StoreServer> {
  const dir = objectsOf(competition);
  const server = await serveStore({ dir, host: '127.0.0.1', port: 0 });
  const store = await openStore({ kind: 'filesystem', dir, publicUrl: server.url });
  await store[Symbol.asyncDispose]();
  return server;
}

export async function startProcess(options: ProcessOptions): Promise<Process> {
  const { competition, chain, renderer, store, cdns, publishIntervalMs = 60_000 } = options;
  const said = listeningLog();
  const allowHosts = cdns.map(({ host }) => host);
  const downloadConfig: DownloadConfig = {
    ...{ jitterMs: 0, atOnce: 10, perHost: 10, retryPauseMs: 10, allowHosts },
    ...options.pace,
  };
  const downloadDir = path.join(competition.dir, 'downloads');
  const ledger = await competition.ledger('submission-collector');
  const collecting = await openCollecting({
    config: {
      downloads: downloadConfig,
      downloadDir,
      store: { kind: 'filesystem', dir: objectsOf(competition), publicUrl: store.url },
      ...{ render: { processes: 1 }, publishIntervalMs },
    },
    renderer,
    ledger,
    log: said.log,
    onSettled: () => {},
  });
  const stop = new AbortController();
  const { log, notices } = said;
  const ports: Ports = {
    ...collecting,
    ledger,
    chain,
    netuid: NETUID,
    downloadConfig,
    log,
    notices,
    signal: stop.signal,
  };
  return {
    ports,
    said,
    downloadDir,
    tick: () => tick(ports),
    until: (what, holds) => tickUntil(() => tick(ports), what, holds, 300_000),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await collecting[Symbol.asyncDispose]();
    },
  };
}

/** Rules with other limits, as a competition takes them. */
export const withLimits =
  (limits: Partial<Rules['limits']>) =>
  (rules: Rules): Rules => ({ ...rules, limits: { ...rules.limits, ...limits } });

/** A prompt's file on a CDN. */
export const nameOf = ({ stem }: Prompt) => `${stem}.glb`;

/** A miner's entries in submitted.json of round 0. */
export async function entriesOf(competition: TestCompetition, side: Hotkey): Promise<readonly GenerationResult[]> {
  return Object.values((await competition.read(stateFiles.submitted, { round: 0, side })) ?? {});
}

/** What became of each of a miner's files: its error, or that there is something to play with. */
export async function codesOf(competition: TestCompetition, side: Hotkey): Promise<readonly string[]> {
  return (await entriesOf(competition, side)).map(({ error, png }) => error?.code ?? (png ? 'usable' : 'none'));
}

/** Lets a service work until every file is in. */
export function untilDuels(service: Process, competition: TestCompetition): Promise<void> {
  return service.until('the duels', async () => (await competition.stage()) === 'duels');
}

/** A competition that downloads from these miners, who revealed in this order. */
export function downloadingFrom(
  cdns: readonly (readonly [Hotkey, Cdn])[],
  prompts: readonly string[],
  limits: Partial<Rules['limits']>,
): Promise<TestCompetition> {
  const submissions: Submissions = Object.assign(
    {},
    ...cdns.map(([hotkey, cdn], index) => submissionOf(hotkey, 500 + index, { cdn_url: cdn.url })),
  );
  return startCompetition({ stage: 'downloading', prompts, submissions, rules: withLimits(limits) });
}
