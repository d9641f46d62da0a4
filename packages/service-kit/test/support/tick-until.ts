import { until } from './scratch.js';

/** Ticks a service as its loop would, with short pauses, until a condition holds. */
export async function tickUntil(
  tick: () => Promise<{ readonly inMs: number }>,
  what: string,
  holds: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<void> {
  await until(
    what,
    async () => {
      const { inMs } = await tick();
      if (await holds()) return true;
      if (inMs > 0) await new Promise((resolve) => setTimeout(resolve, 100));
      return false;
    },
    timeoutMs,
  );
}
