import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HttpUrl } from '@tiltyard/schema';
import { type ObjectStore, openStore } from '@tiltyard/store';
import type { z } from 'zod';
import type { DuelRequest, Judge, Judging } from '../../src/gen3d/index.js';
import { openJudge } from '../../src/gen3d/index.js';
import type { AnswerCache, JudgeLog } from '../../src/index.js';
import { answersInStore, EndpointConfig, openEndpoint } from '../../src/index.js';

export const JUDGING: Judging = {
  strategy: 'pairwise',
  judges: [{ model: 'vlm-1' }],
  draw_threshold: 1,
  temperature: 0,
};

export const DUEL: DuelRequest = {
  prompt: { imageUrl: 'https://prompts.example/chair.png' },
  left: { gridUrl: 'https://objects.example/left.png' },
  right: { gridUrl: 'https://objects.example/right.png' },
  seed: 42,
};

/** A log that remembers its warnings. */
export function listeningLog(): JudgeLog & { readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  return { warnings, debug: () => undefined, warn: (_facts, message) => void warnings.push(message) };
}

/** A real store in a folder of its own. */
export async function temporaryStore(): Promise<
  AsyncDisposable & { readonly store: ObjectStore; readonly dir: string }
> {
  const dir = await mkdtemp(path.join(tmpdir(), 'tiltyard-judge-test-'));
  const store = await openStore({ kind: 'filesystem', dir, publicUrl: HttpUrl.parse('http://127.0.0.1:1') });
  return { store, dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
}

export interface JudgeAtOptions {
  readonly endpoint?: Partial<z.input<typeof EndpointConfig>>;
  readonly judging?: Partial<Judging>;
  readonly log?: JudgeLog;
  readonly answers?: AnswerCache;
}

/** A judge that asks a server, quick to try again. */
export function judgeAt(baseUrl: string, store: ObjectStore, options: JudgeAtOptions = {}): Judge {
  const log = options.log ?? listeningLog();
  const quick = { firstWaitMs: 1, maxWaitMs: 2000, tries: 3, timeoutMs: 50_000 };
  const config = EndpointConfig.parse({ baseUrl, ...quick, ...options.endpoint });
  return openJudge({
    endpoint: openEndpoint(config, log),
    judging: { ...JUDGING, ...options.judging },
    answers: options.answers ?? answersInStore(store, log),
    log,
  });
}
