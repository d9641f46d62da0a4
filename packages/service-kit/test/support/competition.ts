import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Draft, initRepository, type Ledger, openLedger } from '@tiltyard/ledger';
import { thresholdsOf } from '@tiltyard/rules/gen3d';
import type { AnyStateFile, BlockNumber, Hotkey, ParamsOf, StateFile, ValueOf } from '@tiltyard/schema';
import {
  type Amendment,
  type AmendmentAction,
  type Config,
  gen3d,
  type LeaderEntry,
  type Rules,
  type ServiceName,
  type Stage,
  type Submissions,
  stateFiles,
} from '@tiltyard/schema/gen3d';
import { scratch } from './scratch.js';

const run = promisify(execFile);

/** One file of a competition's first commit. */
export interface FirstFile {
  readonly path: string;
  readonly text: string;
}

/** A state file with its value, for a competition's first commit. */
export function file<File extends AnyStateFile>(entry: File, params: ParamsOf<File>, value: ValueOf<File>): FirstFile {
  const { path: template, codec } = entry as StateFile;
  return { path: template.format(params as never), text: codec.format(value) };
}

export const LEADER_ENTRY: LeaderEntry = {
  hotkey: '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY' as Hotkey,
  repo: 'base/leader',
  commit: 'b'.repeat(40),
  docker: 'local/leader:base',
  weight: 1,
  effective_block: 0 as BlockNumber,
};

/** A config.json with few prompts, small margins of time, and the given fields over it. */
export function configOf(fields: Partial<Config> = {}): Config {
  return {
    name: 'test',
    description: 'a competition of a test',
    first_evaluation_date: '2026-01-01',
    last_competition_date: '2030-01-01',
    round_start_time: '08:00:00',
    generation_stage_minutes: 120,
    finalization_buffer_hours: 1,
    win_margin: 0.05,
    weight_decay: 0.2,
    weight_floor: 0.2,
    prompts_per_round: 2,
    carryover_prompts: 0,
    round_duration_days: 1,
    netuid: 17,
    verification: { embedder: 'descriptor-v1' },
    judging: { judges: [{ model: 'some-vlm' }] },
    ...fields,
  };
}

export interface CompetitionOptions {
  readonly stage: Stage;
  readonly round?: number;
  readonly config?: Partial<Config>;
  /** Over the thresholds that follow from the config. */
  readonly rules?: (rules: Rules) => Rules;
  readonly schedule?: ValueOf<typeof stateFiles.schedule>;
  readonly leaders?: readonly LeaderEntry[];
  /** The pool and the round's own prompts. */
  readonly prompts?: readonly string[];
  readonly submissions?: Submissions;
  readonly files?: readonly FirstFile[];
  readonly eta?: string | null;
}

/** A competition in a real repository, at any stage of any round. */
export interface TestCompetition extends AsyncDisposable {
  /** The bare repository. */
  readonly remote: string;
  readonly dir: string;
  readonly round: number;
  /**
   * Opens a service's ledger, with a clone of its own. Opening it again closes the first, as when the service is started
   * again; another `copy` stays beside it.
   */
  ledger(service: ServiceName | 'reader', copy?: string): Promise<Ledger>;
  /** Appends an amendment, as the operator. */
  amend(amendment: Omitted<Amendment>): Promise<void>;
  /** Publishes as another service would. */
  publishAs(service: ServiceName, change: (draft: Draft) => void | Promise<void>): Promise<void>;
  /** A file as it is published. */
  read<File extends AnyStateFile>(file: File, params: ParamsOf<File>): Promise<ValueOf<File> | undefined>;
  stage(): Promise<Stage>;
  /** First lines of all commits, newest first, each commit's lines joined by "; ". */
  subjects(): Promise<readonly string[]>;
}

type Omitted<T> = T extends { readonly action: AmendmentAction } ? Omit<T, 'id' | 'at' | 'reason'> : never;

/** Starts a competition whose first commit already stands where the test begins. */
export async function startCompetition(options: CompetitionOptions): Promise<TestCompetition> {
  const { stage, round = 0, eta = null } = options;
  const folder = await scratch();
  const remote = path.join(folder.dir, 'remote.git');
  await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', remote]);
  const entries = [...firstFiles(options, round, stage, eta), ...(options.files ?? [])];
  const files = new Map(entries.map(({ path: name, text }) => [name, text]));
  await initRepository({ competition: gen3d, remote, files, version: '0.0.0' });

  const ledgers = new Map<string, Ledger>();
  async function ledger(service: ServiceName | 'reader', copy = ''): Promise<Ledger> {
    const name = `${service}${copy}`;
    await ledgers.get(name)?.[Symbol.asyncDispose]();
    const dir = path.join(folder.dir, `clone-${name}`);
    const base = { competition: gen3d, remote, dir, version: '0.0.0', patienceMs: 500 };
    const opened = await openLedger(service === 'reader' ? base : { ...base, service });
    ledgers.set(name, opened);
    return opened;
  }
  async function publishAs(service: ServiceName, change: (draft: Draft) => void | Promise<void>): Promise<void> {
    // A clone apart from the one that the service under test may hold open.
    const dir = path.join(folder.dir, `other-${service}`);
    const known =
      ledgers.get(dir) ?? (await openLedger({ competition: gen3d, remote, dir, service, version: '0.0.0' }));
    ledgers.set(dir, known);
    const draft = (await known.snapshot()).draft();
    await change(draft);
    await known.publish(draft);
  }
  async function read<File extends AnyStateFile>(entry: File, params: ParamsOf<File>) {
    const reader = ledgers.get('reader') ?? (await ledger('reader'));
    return await (await reader.snapshot()).read(entry, ...([params] as never));
  }
  return {
    remote,
    dir: folder.dir,
    round,
    ledger,
    publishAs,
    read,
    amend: (amendment) =>
      publishAs('operator', async (draft) => {
        const known = (await draft.read(stateFiles.amendments, { round })) ?? [];
        const full = { id: known.length + 1, at: '2026-11-20T08:00:00Z', reason: 'a test', ...amendment } as Amendment;
        draft.write(stateFiles.amendments, { round }, [...known, full]);
      }),
    stage: async () => (await read(stateFiles.state, {}))?.stage ?? 'finished',
    async subjects() {
      const { stdout } = await run('git', ['-C', remote, 'log', '--format=%B%x00', 'main']);
      return stdout
        .split('\0')
        .map((message) => message.trim().split('\n\n')[0]?.split('\n').join('; ') ?? '')
        .filter((subject) => subject !== '');
    },
    async [Symbol.asyncDispose]() {
      for (const opened of ledgers.values()) await opened[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function firstFiles(options: CompetitionOptions, round: number, stage: Stage, eta: string | null): FirstFile[] {
  const { prompts = [], submissions, leaders = [LEADER_ENTRY], rules = (same) => same } = options;
  const config = configOf({ prompts_per_round: Math.max(1, prompts.length), ...options.config });
  const schedule = options.schedule ?? {
    earliest_reveal_block: 0 as BlockNumber,
    latest_reveal_block: 1000 as BlockNumber,
    generation_deadline_block: 1600 as BlockNumber,
  };
  const at = { round };
  const isClosed = stage !== 'open';
  return [
    file(stateFiles.config, {}, config),
    file(stateFiles.state, {}, { current_round: round, stage, next_stage_eta: eta }),
    file(stateFiles.leader, {}, [...leaders]),
    file(stateFiles.promptPool, {}, [...prompts]),
    file(stateFiles.schedule, at, schedule),
    file(stateFiles.rules, at, rules(thresholdsOf(config))),
    ...(isClosed ? [file(stateFiles.prompts, at, [...prompts])] : []),
    ...(isClosed ? [file(stateFiles.seed, at, { seed: 42 })] : []),
    ...(submissions === undefined ? [] : [file(stateFiles.submissions, at, submissions)]),
  ];
}

/** A submission of a miner, revealed at a block. */
export function submissionOf(
  hotkey: string,
  revealedAtBlock: number,
  fields: Partial<Submissions[Hotkey]> = {},
): Submissions {
  return {
    [hotkey]: {
      repo: `miner/${hotkey.slice(0, 10)}`,
      commit: 'c'.repeat(40),
      cdn_url: 'http://127.0.0.1:1',
      revealed_at_block: revealedAtBlock as BlockNumber,
      round: 'test-0',
      ...fields,
    },
  } as Submissions;
}
