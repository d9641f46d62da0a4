import { setTimeout as sleep } from 'node:timers/promises';
import { processFamily, proportionalSetBytes } from '@tiltyard/processes';

const SAMPLE_MS = 2_000;

/** Measures what a network and this process use together, until the signal. */
export async function watchMemory(
  root: string,
  onSample: (pssBytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const family = await processFamily(root, process.pid);
    onSample(await proportionalSetBytes([process.pid, ...family.map(({ pid }) => pid)]));
    await sleep(SAMPLE_MS, undefined, { signal }).catch(() => undefined);
  }
}
