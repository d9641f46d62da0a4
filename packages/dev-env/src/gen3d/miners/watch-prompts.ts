import { setTimeout as sleep } from 'node:timers/promises';
import { promptOf, stateFiles } from '@tiltyard/schema/gen3d';
import type { SampleLog } from '../../server/sample-log.js';
import type { RoundPrompts } from './round-prompts.js';
import type { StateReader } from './state-reader.js';

export interface WatchPromptsOptions {
  readonly state: StateReader;
  readonly intervalMs: number;
  readonly log: SampleLog;
  readonly signal: AbortSignal;
}

const PUBLIC_STAGES: readonly string[] = ['miner_generation', 'downloading', 'duels'];

/**
 * Watches the public state repository and yields every round's prompts once, when they and the seed are public.
 *
 * A repository that cannot be read is tried again at the next look. Ends when the signal aborts.
 */
export async function* watchPrompts(options: WatchPromptsOptions): AsyncGenerator<RoundPrompts, void, void> {
  let lastRound = -1;
  while (!options.signal.aborted) {
    try {
      const found = await readRound(options.state, lastRound, options.signal);
      if (found) {
        lastRound = found.round;
        yield found;
      }
    } catch (error) {
      if (options.signal.aborted) return;
      options.log.warn({ error: String(error) }, 'the state repository cannot be read now');
    }
    await sleep(options.intervalMs, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

async function readRound(reader: StateReader, after: number, signal: AbortSignal): Promise<RoundPrompts | undefined> {
  const read = await reader.latest(signal);
  const statePath = stateFiles.state.path.format({});
  const state = stateFiles.state.parse(await read(statePath), statePath);
  const round = state.current_round;
  if (round <= after || !PUBLIC_STAGES.includes(state.stage)) return undefined;
  const seedPath = stateFiles.seed.path.format({ round });
  const { seed } = stateFiles.seed.parse(await read(seedPath), seedPath);
  const promptsPath = stateFiles.prompts.path.format({ round });
  const lines = stateFiles.prompts.parse(await read(promptsPath), promptsPath);
  const prompts = lines.map(promptOf).flatMap((prompt) => (prompt.kind === 'image' ? [prompt] : []));
  return { round, seed, prompts: prompts.map(({ stem, url }) => ({ stem, url })) };
}
