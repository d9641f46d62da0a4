import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';
import { stateFiles } from '@tiltyard/schema/gen3d';
import { expect, it } from 'vitest';
import { startChain } from '../../../../packages/service-kit/test/support/chain.js';
import { until } from '../../../../packages/service-kit/test/support/scratch.js';
import { chatJudge } from '../support/chat-judge.js';
import { A, duelsOf } from '../support/duels.js';

const ENTRY = createRequire(import.meta.url).resolve('@tiltyard/judge-service/main');

function startJudgeService(env: Readonly<Record<string, string>>): ChildProcess {
  const { PATH = '', HOME = '' } = process.env;
  return spawn(process.execPath, [ENTRY], { env: { PATH, HOME, ...env }, stdio: 'ignore' });
}

it('fault 28: a judge-service that is stopped in the middle of a duel ends in order, and resumes to the same verdict', async () => {
  await using chain = await startChain([]);
  await using judge = await chatJudge();
  await using competition = await duelsOf({ leader: 2, challengers: [[A, 6]] });
  const env = {
    ...{ LEDGER_REMOTE: competition.remote, LEDGER_DIR: path.join(competition.dir, 'clone'), HTTP_PORT: '0' },
    ...{ TICK_MIN_SECONDS: '0.1', TICK_MAX_SECONDS: '0.5', TICK_GATHER_SECONDS: '0.1' },
    ...{ STORE_DIR: path.join(competition.dir, 'objects'), STORE_PUBLIC_URL: 'http://127.0.0.1:1' },
    ...{ CHAIN_ENDPOINTS: chain.devnet.url, JUDGE_BASE_URL: judge.baseUrl, JUDGE_FIRST_WAIT_MS: '10' },
  };
  judge.mode = 'hang';
  const first = startJudgeService(env);
  try {
    await until('duels under way', () => judge.waiting === 4, 240_000);
    const exited = once(first, 'exit');
    first.kill('SIGTERM');
    const [status] = await exited;
    // By itself, before its own deadline of nine seconds: what runs past that ends with 1. So no clock of this test decides.
    expect(status).toBe(0);
    expect(judge.waiting).toBe(0);
  } finally {
    first.kill('SIGKILL');
  }
  expect(await competition.read(stateFiles.matchMatrix, { round: 0 })).toBeUndefined();

  const asked = judge.asked.length;
  judge.mode = 'answer';
  const second = startJudgeService(env);
  try {
    await until('the end', async () => (await competition.stage()) === 'finalizing', 240_000);
    const report = await competition.read(stateFiles.matchReport, { round: 0, side: A, left: 'leader' });
    expect([report?.score, report?.margin]).toEqual([-2, -1]);
    // What was under way is asked again, once.
    expect(judge.asked.length - asked).toBe(4);
  } finally {
    const exited = once(second, 'exit');
    second.kill('SIGTERM');
    await exited;
  }
}, 600_000);
