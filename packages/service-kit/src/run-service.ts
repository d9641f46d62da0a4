import { type Ledger, LedgerError, type LedgerFault, openLedger } from '@tiltyard/ledger';
import { ConfigError, type Environment, isFault } from '@tiltyard/schema';
import { EXIT_CONFIG, readCommandLine, sayBadConfig } from './config/command-line.js';
import type { KitConfig, KitSecrets } from './config/kit-config.js';
import { variablesBehind } from './config/variables-behind.js';
import { createLogger, describeError, type Logger } from './logger.js';
import { type NextLook, runLoop, type TickReport } from './loop.js';
import { openMetrics, type ServiceMetrics } from './metrics.js';
import { discordNotices, logNotices, type Notices } from './notices.js';
import type { ServedCompetition } from './served-competition.js';
import { openSigningTrouble } from './signing-trouble.js';
import { SOFTWARE_VERSION } from './software.js';
import { openStatusServer, type StatusServer, type StatusServerOptions } from './status-server.js';
import { stopOnSignals } from './stop-on-signals.js';
import { isStuckByFault, type Stuck, stuckBy } from './stuck.js';
import { tickNotices } from './tick-notices.js';

/** What {@link runServiceOf} opens for a service. */
export interface ServiceContext<Options extends RunServiceOptions = RunServiceOptions> {
  /** What the environment configures. */
  readonly config: Options;
  readonly ledger: Ledger;
  readonly log: Logger;
  readonly notices: Notices;
  readonly metrics: ServiceMetrics;
  /** Aborted when the process has to stop. */
  readonly signal: AbortSignal;
  /** Makes the loop look again at once. */
  readonly wake: () => void;
}

/** What a service's opening gives: its tick, and how to close what it opened. */
export interface OpenedService {
  /** Its signal is aborted when the competition is paused or taken up again meanwhile, and when the process is to stop. */
  tick(signal: AbortSignal): Promise<NextLook>;
  close?(): Promise<void>;
}

export interface RunServiceOptions {
  readonly config: KitConfig;
  readonly secrets: KitSecrets;
}

/**
 * A service's whole life: opens log, metrics, health pages, notices and ledger, runs the loop until SIGTERM or SIGINT,
 * closes everything and ends the process within 10 seconds of the signal, with status 0 after an orderly end.
 *
 * An error while opening ends the process with status 1 and one clear line; a wrong configuration with {@link EXIT_CONFIG},
 * so that a supervisor can be told not to try it again. It never returns: sockets that linger must not keep a finished
 * service alive. `--check-config` reads the configuration and ends, `--help` says how it is run.
 */
export async function runServiceOf<Options extends RunServiceOptions>(
  served: ServedCompetition,
  name: string,
  readConfig: (environment: Environment) => Options,
  open: (context: ServiceContext<Options>) => Promise<OpenedService>,
): Promise<never> {
  const action = readCommandLine(name, process.argv.slice(2));
  if (action === 'check-config') checkConfig(name, readConfig);
  const options = configure(name, readConfig);
  const log = createLogger(name, options.config.logLevel);
  process.on('unhandledRejection', (error) => {
    log.fatal({ error: describeError(error) }, 'unhandled error; ending, to be started again');
    process.exit(1);
  });
  const signal = stopOnSignals(log);
  try {
    await serve({ served, name }, options, open, { log, signal });
    log.info('stopped');
  } catch (error) {
    if (!signal.aborted) {
      if (error instanceof ConfigError) refuse(log, error);
      const variables = variablesBehind(error, process.env);
      const hint = variables.length === 0 ? '' : `: look at ${variables.join(', ')}`;
      log.fatal({ error }, `the service cannot run${hint}`);
      process.exit(1);
    }
    log.warn({ error }, 'stopped while something was under way');
  }
  process.exit(0);
}

function configure<Options>(name: string, readConfig: (environment: Environment) => Options): Options {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    refuse(createLogger(name, 'info'), error);
  }
}

/** Says on the terminal, in plain lines, whether the environment configures this service. */
function checkConfig(name: string, readConfig: (environment: Environment) => unknown): never {
  try {
    readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    sayBadConfig(name, error);
  }
  process.stdout.write(`${name}: the environment configures this service\n`);
  process.exit(0);
}

function refuse(log: Logger, { fault: { variables }, message }: ConfigError): never {
  log.fatal({ variables }, `the environment does not configure this service: ${message}`);
  process.exit(EXIT_CONFIG);
}

/** When a tick ended, when the next one is due, and what it could not do. */
interface LastTick {
  readonly at: number;
  readonly nextAt: number;
  readonly stuck: readonly Stuck[];
}

/** Everything that keeps the service from its work: the ledger's trouble, its last tick's, and that it may not sign. */
function stuckBecause(
  ofLedger: LedgerFault | undefined,
  lastTick: LastTick | undefined,
  unsigned: string | undefined,
): readonly Stuck[] {
  return [
    ...(ofLedger === undefined ? [] : [stuckBy(new LedgerError(ofLedger))]),
    ...(lastTick === undefined ? [{ kind: 'starting', reason: 'no tick has finished yet' } as const] : lastTick.stuck),
    ...(unsigned === undefined ? [] : [{ kind: 'signing', reason: unsigned } as const]),
  ].map((one) => ({ retryInMs: lastTick && Math.max(0, lastTick.nextAt - performance.now()), ...one }));
}

/** Which service of which competition runs. */
interface Served {
  readonly served: ServedCompetition;
  readonly name: string;
}

async function serve<Options extends RunServiceOptions>(
  { served, name }: Served,
  options: Options,
  open: (context: ServiceContext<Options>) => Promise<OpenedService>,
  { log, signal }: { readonly log: Logger; readonly signal: AbortSignal },
): Promise<void> {
  const { config, secrets } = options;
  const writes = served.competition.writers.includes(name);
  const metrics = openMetrics(name);
  let ledgerOpened: Ledger | undefined;
  let lastTick: LastTick | undefined;
  let unsigned: string | undefined;
  const stuckNow = () => stuckBecause(ledgerOpened?.trouble(), lastTick, unsigned);
  // The pages open first, so that a watcher sees that the process is starting.
  await using status = await openPages({
    ...config.http,
    registry: metrics.registry,
    lastTickAt: () => lastTick?.at,
    stuck: stuckNow,
    // Three of the longest pauses without a tick, and never less than ten minutes: one tick may take long.
    stuckAfterMs: Math.max(600_000, 3 * config.tick.maxMs),
  });
  await using notices =
    secrets.discordWebhookUrl === undefined
      ? logNotices(log)
      : discordNotices({ webhookUrl: secrets.discordWebhookUrl, service: name, log });
  await using ledger = await openLedger({
    ...ledgerOptions(config, writes ? name : undefined),
    competition: served.competition,
    log,
    signal,
  }).catch(nameVariable);
  ledgerOpened = ledger;
  const signingTrouble = writes
    ? await openSigningTrouble(ledger, name, config.ledger.signingKeyFile)
    : async () => undefined;
  let wake = () => {};
  const context = { config: options, ledger, log, notices, metrics, signal, wake: () => wake() };
  const service = await orStopped(open(context), signal);
  await using _opened = { [Symbol.asyncDispose]: async () => await service.close?.() };
  log.info({ status: status.url, ledger: config.ledger.remote, version: SOFTWARE_VERSION }, 'started');

  const tell = tickNotices(notices, isConflict);
  let interrupt = () => {};
  // Ends with the signal; who writes nothing has no stage to hold.
  if (writes) void served.watchHold({ ledger, service: name, signal, log, onChange: () => interrupt() });
  await runLoop({
    tick: async (tickSignal) => {
      const next = await service.tick(tickSignal);
      await tellStage(served, ledger, metrics);
      unsigned = await signingTrouble();
      if (unsigned !== undefined) {
        const title = 'The service may not sign';
        notices.send({ key: 'signing', severity: 'alarm', title, detail: unsigned });
      }
      return next;
    },
    signal,
    log,
    ...config.tick,
    onWake: (call) => {
      wake = call;
    },
    onInterrupt: (call) => {
      interrupt = call;
    },
    isConflict,
    onTick(report) {
      const stuck = stuckAfter(report);
      const at = performance.now();
      lastTick = { at, nextAt: at + report.pauseMs, stuck };
      tellStuck(metrics, stuckNow());
      const outcome = isConflict(report.error) ? 'conflict' : stuck.some(isStuckByFault) ? 'failed' : 'ok';
      metrics.ticks.inc({ outcome });
      metrics.tickSeconds.observe(report.seconds);
      tell(report);
    },
  });
}

/** Opening may wait for a chain or a renderer; being told to stop ends that. What it leaves open ends with the process. */
async function orStopped<T>(opening: Promise<T>, signal: AbortSignal): Promise<T> {
  let stopped = () => {};
  const stop = new Promise<never>((_, reject) => {
    stopped = () => reject(signal.reason);
    signal.addEventListener('abort', stopped, { once: true });
    if (signal.aborted) stopped();
  });
  try {
    return await Promise.race([opening, stop]);
  } finally {
    signal.removeEventListener('abort', stopped);
    opening.catch(() => undefined);
  }
}

/** The pages' server. @throws ConfigError when nothing can be served there: often another service has the port. */
async function openPages(options: StatusServerOptions): Promise<StatusServer> {
  try {
    return await openStatusServer(options);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const variable = code === 'EADDRINUSE' || code === 'EACCES' ? 'HTTP_PORT' : 'HTTP_HOST';
    throw new ConfigError([{ variable, detail: `cannot be served on: ${message}` }]);
  }
}

/** The variables behind the ledger's options. */
const LEDGER_VARIABLES: Readonly<Record<string, string>> = {
  remote: 'LEDGER_REMOTE',
  dir: 'LEDGER_DIR',
  signing: 'LEDGER_SIGNING_KEY',
};

/** Says which variable the ledger cannot be opened with. */
function nameVariable(error: unknown): never {
  if (!isFault(error, LedgerError, 'bad_option')) throw error;
  const { option, detail } = error.fault;
  throw new ConfigError([{ variable: LEDGER_VARIABLES[option] ?? option, detail: `is not usable: ${detail}` }]);
}

/** @param service - Whose commits it publishes; undefined for one that only reads: its ledger refuses to publish. */
function ledgerOptions({ ledger }: KitConfig, service: string | undefined) {
  const { remote, branch, dir, signingKeyFile: keyFile } = ledger;
  const base = { remote, branch, dir, version: SOFTWARE_VERSION };
  if (service === undefined) return base;
  return { ...base, service, ...(keyFile === undefined ? {} : { signing: { keyFile } }) };
}

/** True when another writer was faster: nothing is wrong, the next tick derives again. */
function isConflict(error: unknown): boolean {
  return isFault(error, LedgerError, 'conflict', 'stale', 'contended');
}

function stuckAfter({ error, next }: TickReport): readonly Stuck[] {
  return error === undefined || isConflict(error) ? (next.stuck ?? []) : [stuckBy(error)];
}

/** How many of each kind there are; kinds that are over go. */
function tellStuck({ stuck }: ServiceMetrics, all: readonly Stuck[]): void {
  stuck.reset();
  for (const { kind } of all) stuck.inc({ kind });
}

/** Round and stage as the tick saw them or left them. Metrics must not fail a tick. */
async function tellStage(served: ServedCompetition, ledger: Ledger, metrics: ServiceMetrics): Promise<void> {
  const position = await ledger
    .latest()
    .then((snapshot) => served.position(snapshot))
    .catch(() => undefined);
  if (position === undefined) return;
  metrics.round.set(position.round);
  metrics.stage.reset();
  metrics.stage.set({ stage: position.stage }, 1);
}
