import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Chain } from '@tiltyard/chain';
import { EndpointConfig } from '@tiltyard/judge';
import { type Hotkey, HttpUrl, LEADER, type Side } from '@tiltyard/schema';
import { type Builds, type Generations, promptOf, type Submissions, stateFiles } from '@tiltyard/schema/gen3d';
import { retryLater } from '@tiltyard/service-kit';
import {
  type CompetitionOptions,
  type FirstFile,
  file,
  startCompetition,
  submissionOf,
  type TestCompetition,
} from '../../../../packages/service-kit/test/support/competition.js';
import { type ListeningLog, listeningLog } from '../../../../packages/service-kit/test/support/listening-log.js';
import { until } from '../../../../packages/service-kit/test/support/scratch.js';
import { openJudging } from '../../src/judging.js';
import { type Ports, tick } from '../../src/tick.js';
import type { ChatJudge } from './chat-judge.js';

export const A = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty' as Hotkey;
export const B = '5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y' as Hotkey;
export const C = '5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy' as Hotkey;
export const PROMPTS = ['https://p.example/chair.png', 'text: a red lamp'];

/** The files of a side, all with the penalty that the test's judge is to give them; null: without files. */
export function filesOf(penalty: number | null): Generations {
  const [glb, png] = penalty === null ? [null, null] : ['http://o.example/x.glb', `http://o.example/p${penalty}/x.png`];
  return Object.fromEntries(
    PROMPTS.map((line) => [promptOf(line).stem, { glb, png, generation_time: 1, size: 1, attempts: 1, distance: 0 }]),
  ) as Generations;
}

/** Sides with their penalties, in order of reveal. Whoever has fewer wins. */
export interface Field {
  readonly leader: number | null;
  readonly challengers: readonly (readonly [Hotkey, number | null])[];
}

/** A competition in its duels. The leader's baseline is complete unless its penalty is null. */
export async function duelsOf(
  { leader, challengers }: Field,
  options: Partial<CompetitionOptions> = {},
): Promise<TestCompetition> {
  const at = { round: 0 };
  const submissions: Submissions = Object.assign(
    {},
    ...challengers.map(([hotkey], i) => submissionOf(hotkey, 500 + i)),
  );
  const builds = Object.fromEntries(
    Object.entries(submissions).map(([hotkey, { repo, commit, revealed_at_block }]) => [
      hotkey,
      {
        repo,
        commit,
        revealed_at_block,
        tag: 'ccccccc-test-0',
        status: 'success',
        docker_image: `local/${hotkey}`.toLowerCase(),
      },
    ]),
  );
  const files: FirstFile[] = [
    file(stateFiles.builds, at, builds as Builds),
    ...challengers.map(([side, penalty]) => file(stateFiles.submitted, { round: 0, side }, filesOf(penalty))),
    ...(leader === null ? [] : [file(stateFiles.generated, { round: 0, side: LEADER }, filesOf(leader))]),
  ];
  return await startCompetition({
    ...{ stage: 'duels', prompts: PROMPTS, submissions },
    ...options,
    files: [...files, ...(options.files ?? [])],
  });
}

/** The service as one process has it: what is thrown away when it dies. */
export interface Process extends AsyncDisposable {
  readonly ports: Ports;
  readonly said: ListeningLog;
  tick(): ReturnType<typeof tick>;
  /** Ticks until a condition holds. */
  until(what: string, holds: () => boolean | Promise<boolean>): Promise<void>;
}

export async function startProcess(
  competition: TestCompetition,
  judge: ChatJudge,
  chain: Chain,
  options: {
    readonly matchRetryMs?: number;
    readonly storeDir?: string;
    readonly tries?: number;
    readonly fallback?: ChatJudge;
  } = {},
): Promise<Process> {
  const said = listeningLog();
  const { matchRetryMs = 50, storeDir = path.join(competition.dir, 'objects'), tries = 2 } = options;
  const fallback = options.fallback === undefined ? {} : { fallback: { baseUrl: options.fallback.baseUrl } };
  const endpoint = EndpointConfig.parse({ baseUrl: judge.baseUrl, tries, firstWaitMs: 1, maxWaitMs: 5, ...fallback });
  const store = { kind: 'filesystem', dir: storeDir, publicUrl: HttpUrl.parse('http://127.0.0.1:1') } as const;
  const judging = await openJudging({ endpoint, store, matchesAtOnce: 4 }, said.log, () => {});
  const ledger = await competition.ledger('judge-service');
  const { matches } = judging;
  const ports = { ledger, chain, matches, retries: retryLater(matchRetryMs), log: said.log, notices: said.notices };
  return {
    ports,
    said,
    tick: () => tick(ports),
    until: (what, holds) =>
      until(what, async () => {
        const { inMs } = await tick(ports);
        if (await holds()) return true;
        // As the loop: another look when something has settled, and now and then.
        for (let n = 0; inMs > 0 && n < 10 && matches.settled().length === 0; n += 1) await sleep(20);
        return false;
      }),
    [Symbol.asyncDispose]: async () => await judging[Symbol.asyncDispose](),
  };
}

/** Publishes a verdict on a challenger's container, as the generation-orchestrator would. */
export async function audit(
  competition: TestCompetition,
  hotkey: Hotkey,
  outcome: 'passed' | 'rejected',
): Promise<void> {
  await competition.publishAs('generation-orchestrator', async (draft) => {
    const known = (await draft.read(stateFiles.generationAudits, { round: 0 })) ?? {};
    const counts = { checked_prompts: 2, failed_prompts: 0, failed_critical: 0, generation_time: 1, reason: '' };
    draft.write(stateFiles.generationAudits, { round: 0 }, { ...known, [hotkey]: { hotkey, outcome, ...counts } });
  });
}

/** Publishes a verdict on a challenger's source, as the operator would. */
export async function sourceAudit(
  competition: TestCompetition,
  hotkey: Hotkey,
  verdict: 'passed' | 'failed',
): Promise<void> {
  await competition.publishAs('operator', async (draft) => {
    const known = (await draft.read(stateFiles.sourceAudits, { round: 0 })) ?? [];
    draft.write(stateFiles.sourceAudits, { round: 0 }, [...known, { hotkey, verdict, reason: '' }]);
  });
}

/** The matches on record: `left>right`, with their margins. */
export async function matrixOf(competition: TestCompetition): Promise<readonly string[]> {
  const rows = (await competition.read(stateFiles.matchMatrix, { round: 0 })) ?? [];
  const name = (side: Side) => (side === A ? 'A' : side === B ? 'B' : side === C ? 'C' : side);
  return rows.map(({ left, right, margin }) => `${name(left)}>${name(right)} ${margin}`);
}
